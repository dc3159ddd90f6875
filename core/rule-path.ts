import { realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { NetFlowError } from './errors.js';

/** Bytes; the driver compares this much of a path. */
const longest = 511;

/**
 * The path of an executable as rules have it: absolute and without `..`. Throws INVALID_ARGUMENT for one that no
 * executable can have.
 */
export function checkPath(path: string): string {
  const fail = (why: string): never => {
    throw new NetFlowError('INVALID_ARGUMENT', `${quote(path)} ${why}: give the full path of an executable.`);
  };
  if (path === '') fail('is no path');
  if (/[\u0000-\u001f\u007f]/u.test(path)) fail('has a line break or another control character in it');
  if (!path.startsWith('/')) fail('does not begin with /');
  if (path.endsWith('/')) fail('is a folder');
  const normal = posix.normalize(path);
  if (normal === '/' || normal.endsWith('/')) fail('is a folder');
  const bytes = Buffer.byteLength(normal);
  if (bytes > longest) fail(`has ${bytes} bytes, and ${longest} are the most`);
  return normal;
}

/** The same with symbolic links resolved, as the kernel sees executables. There may be no such file yet. */
export function resolvePath(path: string): string {
  const normal = checkPath(path);
  const there = statSync(normal, { throwIfNoEntry: false });
  if (!there) return normal;
  if (!there.isFile()) {
    throw new NetFlowError('INVALID_ARGUMENT', `${quote(path)} is not a file: give the full path of an executable.`);
  }
  return checkPath(realpathSync(normal));
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
