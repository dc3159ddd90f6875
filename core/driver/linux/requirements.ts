import { existsSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import koffi from 'koffi';
import { NetFlowError } from '../../errors.js';
import type { Requirement } from '../../records.js';
import { assertMet } from '../requirements.js';
import { programs } from './layout.generated.js';
import { libbpfName } from './libbpf.js';
import { readMounts, type Mount } from './mounts.js';
import { btfFile, objectFile } from './paths.js';
import { distrust } from './pins.js';

/** Everything the driver needs, each with what was found or how to get it. Reads only; needs no rights. */
export function checkRequirements(): Requirement[] {
  return [
    checkAdministrator(),
    checkNamespace(),
    checkFile('BTF', btfFile, 'a kernel built with CONFIG_DEBUG_INFO_BTF=y is needed'),
    checkTracepoints(),
    checkBpffs(),
    checkCgroup(),
    checkLibbpf(),
    checkFile('BPF object', objectFile(), 'build NetFlow, or install it again'),
  ];
}

/**
 * What limits need beyond that; the driver counts without it. Where a module is missing, the kernel says so when it is
 * asked.
 */
export function checkLimitRequirements(): Requirement[] {
  return [checkKernelType('TCX, for limits', 'tcx_link', 'Linux 6.6 or later, with CONFIG_NET_XGRESS=y, is needed')];
}

/** Throws NOT_PERMITTED or DRIVER_UNAVAILABLE, naming all that is missing. */
export function assertRequirements(): void {
  assertAdministrator();
  assertMet(checkRequirements());
}

export function assertAdministrator(): void {
  if (checkAdministrator().ok) return;
  throw new NetFlowError(
    'NOT_PERMITTED',
    'Only an administrator may use the driver: run this in a root shell, or with sudo.',
  );
}

/** Where all cgroups of the machine are mounted, and not a container's part of them alone; null where they are not. */
export function cgroupRoot(): string | null {
  return cgroupMounts().find(({ root, target }) => root === '/' && isRootCgroup(target))?.target ?? null;
}

function cgroupMounts(): Mount[] {
  return readMounts().filter(({ type }) => type === 'cgroup2');
}

/**
 * The kernel's number of the root of the cgroups is 1. In a container's cgroup namespace another one seems to be it.
 */
function isRootCgroup(folder: string): boolean {
  const magic = 0x6367_7270;
  try {
    return statfsSync(folder).type === magic && statSync(folder).ino === 1;
  } catch {
    return false; // another mount is above it
  }
}

function checkAdministrator(): Requirement {
  const ok = process.geteuid?.() === 0;
  return { name: 'administrator', ok, detail: ok ? 'root' : 'run this in a root shell, or with sudo' };
}

/** The kernel counts by the process ids of the machine; in a container they are others. */
function checkNamespace(): Requirement {
  const hosts = 'pid:[4026531836]';
  const ok = readlinkSync('/proc/self/ns/pid') === hosts;
  return {
    name: 'process ids',
    ok,
    detail: ok ? "the machine's own" : "a container's: run this on the host, or with the host's process ids",
  };
}

function checkFile(name: string, path: string, remedy: string): Requirement {
  const ok = existsSync(path);
  return { name, ok, detail: ok ? path : `no ${path}: ${remedy}` };
}

function checkKernelType(name: string, type: string, remedy: string): Requirement {
  if (!existsSync(btfFile)) return { name, ok: false, detail: 'unknown without BTF' };
  const ok = readFileSync(btfFile).includes(`\0${type}\0`);
  return { name, ok, detail: ok ? 'known to the kernel' : remedy };
}

/** The kernel's type information names each tracepoint that a program can attach to. */
export function hasTracepoint(name: string): boolean {
  return readFileSync(btfFile).includes(`btf_trace_${name}\0`);
}

function checkTracepoints(): Requirement {
  const needed = Object.values(programs).flatMap((section) => /^tp_btf\/(.+)/u.exec(section)?.[1] ?? []);
  if (!existsSync(btfFile)) return { name: 'tracepoints', ok: false, detail: 'unknown without BTF' };
  const missing = needed.filter((name) => !hasTracepoint(name));
  return missing.length === 0
    ? { name: 'tracepoints', ok: true, detail: needed.join(', ') }
    : { name: 'tracepoints', ok: false, detail: `no ${missing.join(', ')}: Linux 6.3 or later is needed` };
}

function checkBpffs(): Requirement {
  const isKnown = readFileSync('/proc/filesystems', 'utf8').split('\n').includes('nodev\tbpf');
  const problem = isKnown ? distrust() : 'a kernel built with CONFIG_BPF_SYSCALL=y is needed';
  return { name: 'bpffs', ok: problem === null, detail: problem ?? 'known to the kernel' };
}

function checkCgroup(): Requirement {
  const root = cgroupRoot();
  const [part] = cgroupMounts();
  const missing = part
    ? `only a part of the cgroups is at ${part.target}, as in a container: run this on the host`
    : 'not mounted: run `mount -t cgroup2 none /sys/fs/cgroup/unified`, after making that folder';
  return { name: 'cgroup2', ok: root !== null, detail: root ?? missing };
}

function checkLibbpf(): Requirement {
  try {
    koffi.load(libbpfName);
    return { name: 'libbpf', ok: true, detail: libbpfName };
  } catch {
    return {
      name: 'libbpf',
      ok: false,
      detail: `no ${libbpfName}: install the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, Arch)`,
    };
  }
}
