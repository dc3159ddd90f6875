// Compiles driver/linux/netflow.bpf.c to dist/driver/netflow.bpf.o: the same bytes in whatever folder the checkout is.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { main, run } from './support/command.mjs';
import { driverObject, root } from './support/project.mjs';

await main('build-driver', async () => {
  mkdirSync(dirname(driverObject), { recursive: true });
  await run('clang', [...flags(), '-c', 'driver/linux/netflow.bpf.c', '-o', driverObject], { cwd: root });
  // Debug information has served its purpose once it is BTF.
  await run('llvm-strip', ['-g', driverObject], { cwd: root });
});

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
