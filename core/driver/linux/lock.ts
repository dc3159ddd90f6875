import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import type { Libc } from './libc.js';
import { lockFile, runDirectory } from './paths.js';

/** Runs with the lock held, so that two starts, or a start and a stop, come one after the other. */
export async function alone<Result>(work: (libc: Libc) => Result | Promise<Result>): Promise<Result> {
  const { loadLibc } = await import('./libc.js');
  const libc = loadLibc();
  const lock = await takeLock(libc);
  try {
    return await work(libc);
  } finally {
    closeSync(lock);
  }
}

/** The lock is on the file that is there: an uninstall may have taken away the one that was waited for. */
async function takeLock(libc: Libc): Promise<number> {
  for (;;) {
    mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
    const lock = openSync(lockFile, 'w', 0o600);
    await libc.lock(lock);
    if (statSync(lockFile, { throwIfNoEntry: false })?.ino === fstatSync(lock).ino) return lock;
    closeSync(lock);
  }
}
