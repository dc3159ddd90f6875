import { closeSync, openSync, readSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { readerPath, type ReaderName } from './paths.js';

/** The kernel's buffer for an iterator: one read gives at most this much, and whole records. */
const chunkBytes = 32_768;

/** Reads one of the driver's iterators to its end, piece by piece; a piece is gone when `consume` returns. */
export function readPieces(name: ReaderName, consume: (piece: Buffer) => void): void {
  const fd = openReader(name);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    for (let read = 1; read > 0;) {
      read = readSync(fd, buffer, 0, chunkBytes, null);
      if (read > 0) consume(buffer.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}

/** The whole of it at once. */
export function readRecords(name: ReaderName): Buffer {
  const pieces: Buffer[] = [];
  readPieces(name, (piece) => pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

function openReader(name: ReaderName): number {
  try {
    return openSync(readerPath(name), 'r');
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException);
  }
}

function explain(error: NodeJS.ErrnoException): NetFlowError {
  if (error.code === 'ENOENT') {
    return new NetFlowError('DRIVER_NOT_RUNNING', 'The driver is not running: start it with `netflow driver start`.', {
      cause: error,
    });
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new NetFlowError(
      'NOT_PERMITTED',
      'Only an administrator may read the driver: run this in a root shell, or with sudo.',
      {
        cause: error,
      },
    );
  }
  return new NetFlowError('FAILED', `The driver can't be read: ${error.message}.`, { cause: error });
}
