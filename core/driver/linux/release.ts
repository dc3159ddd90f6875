import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadLibbpf } from './libbpf.js';
import { pinDirectory, iteratorPath } from './paths.js';
import { isRunning } from './pins.js';

/** Freeing runs in the kernel's background; a reader that is still open may hold it up, and need not be waited for. */
const patienceMs = 2000;
const pauseMs = 10;

/** The kernel's numbers of the programs that count, and of one that reads: they are freed together. */
export function programIds(): number[] {
  if (!isRunning()) return [];
  const libbpf = loadLibbpf();
  const links = readdirSync(join(pinDirectory, 'links')).map((name) => join(pinDirectory, 'links', name));
  return [...links, iteratorPath('connections')].flatMap((path) => {
    const fd = libbpf.open(path);
    if (fd < 0) return [];
    try {
      return programIdOf(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/** Returns when the kernel has let go of the programs, and so of their maps. */
export async function waitUntilFreed(programs: number[]): Promise<void> {
  if (programs.length === 0) return;
  const libbpf = loadLibbpf();
  const isThere = (id: number): boolean => {
    const fd = libbpf.openProgram(id);
    if (fd >= 0) closeSync(fd);
    return fd >= 0;
  };
  const end = performance.now() + patienceMs;
  while (programs.some(isThere) && performance.now() < end) await setTimeout(pauseMs);
}

function programIdOf(link: number): number[] {
  const id = /^prog_id:\s*(\d+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${link}`, 'utf8'))?.[1];
  return id === undefined ? [] : [Number(id)];
}
