import { realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { notExecutable } from '../path-errors.js';
import type { ExecutablePaths } from '../driver.js';
import { protocol } from '../protocol.generated.js';

/** Bytes; the driver compares this much of a path. */
const longest = protocol.pathBytes - 1;

/** Paths as Linux has them: whatever is not / or NUL may be in a name, and upper and lower case are two. */
export const linuxPaths: ExecutablePaths = { check, resolve, key: (path) => path };

function check(path: string): string {
  if (path === '') throw notExecutable(path, 'is no path');
  if (/[\u0000-\u001f\u007f]/u.test(path)) {
    throw notExecutable(path, 'has a line break or another control character in it');
  }
  if (!path.startsWith('/')) throw notExecutable(path, 'does not begin with /');
  const normal = posix.normalize(path);
  if (normal.endsWith('/')) throw notExecutable(path, 'is a folder');
  const bytes = Buffer.byteLength(normal);
  if (bytes > longest) throw notExecutable(path, `has ${bytes} bytes, and ${longest} are the most`);
  return normal;
}

function resolve(path: string): string {
  const normal = check(path);
  const there = statSync(normal, { throwIfNoEntry: false });
  if (!there) return normal;
  if (!there.isFile()) throw notExecutable(path, 'is not a file');
  return check(realpathSync(normal));
}
