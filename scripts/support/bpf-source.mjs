// The eBPF programs as they are compiled, and what is in them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { root } from './project.mjs';

const source = 'driver/linux/netflow.bpf.c';

export function compile(options) {
  return run('clang', [...flags(), ...options, source], { cwd: root });
}

/** The programs with their sections, and the maps, in the source's order. */
export async function programsAndMaps() {
  const assembly = await compile(['-S', '-emit-llvm', '-o', '-']);
  const programs = [...assembly.matchAll(/^define .*? @(\w+)\(.* section "([^"]+)"/gm)].map(([, ...both]) => both);
  const variables = [...assembly.matchAll(/^@([\w.]+) = .* section "([^"]+)"/gm)].map(([, ...both]) => both);
  // libbpf makes a map of each section of constants.
  const maps = variables.flatMap(([name, section]) =>
    section === '.maps' ? [name] : section.startsWith('.rodata.') ? [section] : [],
  );
  return { programs, maps };
}

function flags() {
  return [
    ...['-target', 'bpf', '-mcpu=v3', '-O2', '-g'],
    // BPF_PROG declares the raw context, which few programs use.
    ...['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', '-ffreestanding'],
    `-ffile-prefix-map=${root.replace(/\/$/, '')}=.`,
    '-Idriver',
    ...multiarchHeaders(),
  ];
}

// Debian keeps asm/types.h in a folder of the machine's own, where clang doesn't look when it compiles for BPF.
function multiarchHeaders() {
  const machine = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64', ppc64: 'powerpc64le', s390x: 's390x' };
  const folder = join('/usr/include', `${machine[process.arch]}-linux-gnu`);
  return existsSync(folder) ? ['-isystem', folder] : [];
}
