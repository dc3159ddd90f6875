import { setTimeout } from 'node:timers/promises';
import { NetFlowError } from '../../errors.js';
import { access, deleteOnClose, disposition, openFile, share } from './files.js';
import { kernel32 } from './kernel32.js';
import { lockFile } from './paths.js';
import { unlessWin32, win32 } from './win32-error.js';

/** Milliseconds. */
const pause = 50;
const patience = 60_000;

/**
 * Runs under the lock, so that two starts, or a start and a change of rules, come one after the other. The lock is a
 * file that nobody else can open meanwhile; Windows deletes it when it is closed, by a kill as well.
 */
export async function alone<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const lock = await takeLock();
  try {
    return await work();
  } finally {
    kernel32.CloseHandle(lock);
  }
}

async function takeLock(): Promise<number> {
  const deadline = Date.now() + patience;
  for (;;) {
    const lock = tryLock();
    if (lock !== null) return lock;
    if (Date.now() > deadline) {
      throw new NetFlowError(
        'FAILED',
        `Another NetFlow has changed the driver for a minute (it holds ${lockFile()}): end it.`,
      );
    }
    await setTimeout(pause);
  }
}

/** Null where somebody else has it. One that is just being deleted can't be opened, either. */
function tryLock(): number | null {
  return unlessWin32(
    [win32.sharingViolation, win32.accessDenied],
    () => openFile(lockFile(), access.write, share.none, disposition.createAlways, deleteOnClose),
    () => null,
  );
}
