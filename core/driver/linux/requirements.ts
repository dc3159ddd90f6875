import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';
import { NetFlowError } from '../../errors.js';
import type { Requirement } from '../../records.js';
import { assertMet } from '../requirements.js';
import { programs } from './layout.generated.js';
import { libbpfName } from './libbpf.js';
import { readMounts } from './mounts.js';
import { btfFile, objectFile } from './paths.js';

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
    checkFile('BPF object', objectFile(), 'run `npm run build`, or install the netflow package again'),
  ];
}

/** What limits need beyond that; the driver counts without it. Where a module is missing, the kernel says so when it is asked. */
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
    'Only an administrator may see what all processes transfer: run this in a root shell, or with sudo.',
  );
}

/** Where the cgroup2 hierarchy is mounted; null where it is not. */
export function cgroupRoot(): string | null {
  return readMounts().find(({ type }) => type === 'cgroup2')?.target ?? null;
}

/** What was mounted last on a folder is what is seen there. */
export function isBpffs(folder: string): boolean {
  return readMounts().findLast(({ target }) => target === folder)?.type === 'bpf';
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
function checkTracepoints(): Requirement {
  const needed = Object.values(programs).flatMap((section) => /^tp_btf\/(.+)/u.exec(section)?.[1] ?? []);
  if (!existsSync(btfFile)) return { name: 'tracepoints', ok: false, detail: 'unknown without BTF' };
  const types = readFileSync(btfFile);
  const missing = needed.filter((name) => !types.includes(`btf_trace_${name}\0`));
  return missing.length === 0
    ? { name: 'tracepoints', ok: true, detail: needed.join(', ') }
    : { name: 'tracepoints', ok: false, detail: `no ${missing.join(', ')}: Linux 6.3 or later is needed` };
}

function checkBpffs(): Requirement {
  const ok = readFileSync('/proc/filesystems', 'utf8').split('\n').includes('nodev\tbpf');
  return {
    name: 'bpffs',
    ok,
    detail: ok ? 'known to the kernel' : 'a kernel built with CONFIG_BPF_SYSCALL=y is needed',
  };
}

function checkCgroup(): Requirement {
  const root = cgroupRoot();
  return {
    name: 'cgroup2',
    ok: root !== null,
    detail: root ?? 'not mounted: run `mount -t cgroup2 none /sys/fs/cgroup/unified`, after making that folder',
  };
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
