import { closeSync, constants, openSync, readSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { iteratorPath, type IteratorName } from './paths.js';
import { isRunning } from './pins.js';

/** The kernel's buffer for an iterator, eight of the largest pages there are: a read gives whole records. */
const chunkBytes = 8 * 65_536;

/** The kernel asks to try again after a million files without a socket, and while a record changes hands. */
const patienceMs = 5000;

/** Reads one of the driver's iterators to its end, piece by piece; a piece is gone when `consume` returns. */
export function readPieces(name: IteratorName, consume: (piece: Buffer) => void): void {
  if (!isRunning()) throw notRunning();
  readPiecesOf(iteratorPath(name), consume);
}

export function readPiecesOf(path: string, consume: (piece: Buffer) => void): void {
  const fd = openReader(path);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    for (let read = 1; read > 0;) {
      read = readAgain(fd, buffer);
      if (read > 0) consume(buffer.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}

function readAgain(fd: number, buffer: Buffer): number {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return readSync(fd, buffer, 0, buffer.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > end) throw explain(error);
    }
  }
}

/** The whole of it at once. */
export function readRecords(name: IteratorName): Buffer {
  const pieces: Buffer[] = [];
  readPieces(name, (piece) => pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

function openReader(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw explain(error);
  }
}

export function notRunning(cause?: unknown): NetFlowError {
  return new NetFlowError('DRIVER_NOT_RUNNING', 'The driver is not running: start it.', { cause });
}

function explain(error: unknown): NetFlowError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notRunning(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new NetFlowError(
      'NOT_PERMITTED',
      'Only an administrator may read the driver: run this in a root shell, or with sudo.',
      {
        cause: error,
      },
    );
  }
  return new NetFlowError('FAILED', `The driver can't be read: ${message}.`, { cause: error });
}
