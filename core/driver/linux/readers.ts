import { closeSync, openSync, readSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { readerPath, type ReaderName } from './paths.js';

/** The kernel fills at most this much in one read of an iterator. */
const chunkBytes = 32_768;

/** Reads one of the driver's iterators to its end. */
export function readRecords(name: ReaderName): Buffer {
  const fd = openReader(name);
  let buffer = Buffer.allocUnsafe(8 * chunkBytes);
  let length = 0;
  try {
    for (;;) {
      if (buffer.length - length < chunkBytes) {
        const larger = Buffer.allocUnsafe(2 * buffer.length);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      const read = readSync(fd, buffer, length, chunkBytes, null);
      if (read === 0) return buffer.subarray(0, length);
      length += read;
    }
  } finally {
    closeSync(fd);
  }
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
    return new NetFlowError('NOT_PERMITTED', 'Only an administrator may read the driver: use a root shell, or sudo.', {
      cause: error,
    });
  }
  return new NetFlowError('FAILED', `The driver can't be read: ${error.message}.`, { cause: error });
}
