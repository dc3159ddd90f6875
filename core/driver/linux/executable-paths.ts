import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { notExecutable, notThere } from '../path-errors.js';
import { quote } from '../../quote.js';
import type { ExecutablePaths } from '../driver.js';
import { protocol } from '../protocol.generated.js';
import { kernelPath } from './limits/kernel-path.js';

/** Bytes; the driver compares this much of a path. */
const longest = protocol.pathBytes - 1;

/** Paths as Linux has them: whatever is not / or NUL may be in a name, and upper and lower case are two. */
export const linuxPaths: ExecutablePaths = { check, resolve, key: kernelPath, doubt: notThere };

function check(path: string): string {
  if (path === '') throw notExecutable(path, 'is not a path');
  if (/[\u0000-\u001f\u007f]/u.test(path)) {
    throw notExecutable(path, 'has a line break or another control character in it');
  }
  if (path.includes('\ufffd')) throw notExecutable(path, 'has bytes in it that are not UTF-8');
  if (!path.startsWith('/')) throw notExecutable(path, 'does not begin with /');
  const normal = posix.normalize(path);
  if (normal.endsWith('/')) throw notExecutable(path, 'is a folder');
  const bytes = Buffer.byteLength(normal);
  if (bytes > longest) throw notExecutable(path, `has ${bytes} bytes, and ${longest} are the most`);
  if (/[*?]/u.test(normal) && !existsSync(normal))
    throw notExecutable(path, 'is a pattern, and a rule is for one file');
  return normal;
}

/** Links of root's stay, and are followed as they are at any time. Another's could be turned to any program later. */
function resolve(path: string): string {
  const normal = check(path);
  const there = statSync(normal, { throwIfNoEntry: false });
  if (!there) return normal;
  if (!there.isFile()) throw notExecutable(path, 'is not a file');
  if ((there.mode & 0o111) === 0) throw notExecutable(path, 'may not be executed by anybody');
  assertProgram(path);
  const real = realpathSync(normal);
  return kernelPath(normal) === real ? normal : check(real);
}

/** Of other files a process runs that knows what to do with them. */
function assertProgram(path: string): void {
  const start = readStart(path);
  const interpreter = /^#![ \t]*([^ \t\n]+)/u.exec(start)?.[1];
  if (interpreter !== undefined) {
    throw notExecutable(path, `is a script, and what runs is its interpreter, ${quote(interpreter, 80)}`);
  }
  if (!start.startsWith('\x7fELF')) throw notExecutable(path, 'is not a program that Linux runs by itself');
}

function readStart(path: string): string {
  const start = Buffer.alloc(256);
  const file = openSync(path, 'r');
  try {
    return start.toString('latin1', 0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}
