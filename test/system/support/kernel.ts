import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { runNow, until } from '../../support/commands.js';
import { projectRoot } from '../../support/paths.js';

/** The things that a driver could leave behind, as the kernel and its tools list them. */
export interface Traces {
  programs: string[];
  maps: string[];
  links: string[];
  pins: string[];
  mounts: string[];
  interfaces: string[];
  processes: string[];
}

interface Listed {
  id: number;
  name?: string;
  bytes_memlock?: number;
}

export function traces(): Traces {
  return {
    programs: bpf('prog').map(label),
    maps: bpf('map').map(label),
    links: bpf('link').map(label),
    pins: pins(),
    mounts: readFileSync('/proc/mounts', 'utf8').split('\n'),
    interfaces: runNow('ip', '-brief', 'link')
      .split('\n')
      .map((line) => line.split(' ')[0] ?? ''),
    processes: ownProcesses(),
  };
}

/** The things that are there after and were not before. */
export function added(before: Traces, after: Traces): Partial<Traces> {
  const kinds = Object.keys(before) as (keyof Traces)[];
  const news = kinds.map((kind) => [kind, after[kind].filter((item) => !before[kind].includes(item))] as const);
  return Object.fromEntries(news.filter(([, items]) => items.length > 0));
}

/** The bytes of memory that all BPF maps use. */
export function kernelMemory(): number {
  return bpf('map').reduce((bytes, { bytes_memlock = 0 }) => bytes + bytes_memlock, 0);
}

function bpf(kind: string): Listed[] {
  return JSON.parse(runNow('bpftool', '--json', kind, 'show')) as Listed[];
}

function label({ id, name = '' }: Listed): string {
  return `${id} ${name}`;
}

function pins(): string[] {
  return readdirSync('/sys/fs/bpf', { recursive: true, encoding: 'utf8' });
}

/** Processes that run a file of this project, or the program of these tests with one. */
function ownProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => isOwn(pid) && !isOfAnotherSuite(pid));
}

function isOwn(pid: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/exe`).startsWith(projectRoot)) return true;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('netflow');
  } catch {
    return false;
  }
}

/** Whether what runs these tests runs it as well, meanwhile. */
function isOfAnotherSuite(pid: string): boolean {
  for (let parent = parentOf(pid); parent > 1 && parent !== process.pid; parent = parentOf(String(parent)))
    if (parent === process.ppid) return true;
  return false;
}

/** 0 where the process has ended. */
function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\t(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

/** Waits for the kernel, which frees some things a little after the last reference to them. */
export async function assertNothingAdded(before: Traces): Promise<void> {
  const gone = until('all is gone', () => Object.keys(added(before, traces())).length === 0);
  await gone.catch(() => assert.deepEqual(added(before, traces()), {}));
}
