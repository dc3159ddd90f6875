import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { NetFlowError } from '../../errors.js';
import type { Libc } from './libc.js';
import { lockFile } from './paths.js';

/** How long somebody waits for the lock, and who hears for whom. */
export interface Patience {
  seconds: number;
  onWait: (message: string) => void;
}

const longestPauseMs = 50;
/** What takes less is not worth a word. */
const silentMs = 500;

/**
 * Runs with the lock held, so that two starts, or a start and a stop, come one after the other. Without `patience` it
 * waits as long as it has to.
 */
export async function alone<Result>(
  work: (libc: Libc) => Result | Promise<Result>,
  patience?: Patience,
): Promise<Result> {
  const { loadLibc } = await import('./libc.js');
  const libc = loadLibc();
  const lock = await takeLock(libc, lockFile, patience);
  try {
    return await work(libc);
  } finally {
    closeSync(lock);
  }
}

/** The file, locked. The kernel unlocks it when it is closed, also by a kill. */
export async function takeLock(libc: Libc, file: string, patience?: Patience): Promise<number> {
  const began = performance.now();
  let isSaid = false;
  for (let pause = 1; ; pause = Math.min(2 * pause, longestPauseMs)) {
    const lock = tryToTake(libc, file);
    if (lock !== null) return lock;
    const waited = performance.now() - began;
    if (patience && waited > patience.seconds * 1000) throw busy(file, patience);
    if (patience && !isSaid && waited > silentMs) {
      isSaid = true;
      patience.onWait(`Waiting for ${holderOf(file).text}, which changes the driver`);
    }
    await setTimeout(pause);
  }
}

/** The lock is on the file that is there: an uninstall may have taken away the one that was opened. */
function tryToTake(libc: Libc, file: string): number | null {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = openSync(file, 'w', 0o600);
  if (libc.tryLock(lock) && statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(lock).ino) return lock;
  closeSync(lock);
  return null;
}

function busy(file: string, { seconds }: Patience): NetFlowError {
  const { processId, text, isStopped } = holderOf(file);
  const remedy =
    processId === null
      ? 'try again later'
      : isStopped
        ? `it is stopped: continue it with \`kill -CONT ${processId}\`, or end it with \`kill -KILL ${processId}\``
        : `try again later, or end it with \`kill ${processId}\``;
  return new NetFlowError('FAILED', `The driver is being changed by ${text}, for more than ${seconds} s: ${remedy}.`);
}

/** Who has the lock; the kernel lists all locks with the processes that took them. */
function holderOf(file: string): { processId: number | null; text: string; isStopped: boolean } {
  const processId = lockOwner(file);
  if (processId === null) return { processId, text: 'another process', isStopped: false };
  const status = readStatus(processId);
  const name = /^Name:\t(.*)$/mu.exec(status)?.[1] ?? 'ended';
  return { processId, text: `process ${processId} (${name})`, isStopped: /^State:\tT/mu.test(status) };
}

/** Null where it has just been unlocked, or belongs to a process that is not to be seen from here. */
function lockOwner(file: string): number | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return null;
  const [major, minor] = [(stats.dev >> 8) & 0xfff, (stats.dev & 0xff) | ((stats.dev >> 12) & 0xfff00)];
  const device = [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':');
  const lock = new RegExp(`^\\d+: FLOCK +ADVISORY +WRITE (\\d+) ${device}:${stats.ino} `, 'mu');
  const id = Number(lock.exec(readFileSync('/proc/locks', 'utf8'))?.[1] ?? 0);
  return id > 0 ? id : null;
}

function readStatus(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    return '';
  }
}
