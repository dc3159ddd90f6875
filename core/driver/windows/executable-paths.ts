import { realpathSync, statSync } from 'node:fs';
import { win32 } from 'node:path';
import type { ExecutablePaths } from '../driver.js';
import { notExecutable, notThere } from '../path-errors.js';

/** In characters. Windows starts no program whose path is longer. */
const longest = 32_000;

/**
 * Paths with a drive letter, on a share, or on a device that has no letter (`\Device\…`); upper and lower case are
 * one.
 */
export const windowsPaths: ExecutablePaths = { check, resolve, key: upperCase, doubt };

function check(path: string): string {
  if (path === '') throw notExecutable(path, 'is not a path');
  if (/[\u0000-\u001f]/u.test(path)) {
    throw notExecutable(path, 'has a line break or another control character in it');
  }
  const plain = path.replace(/^[\\/]{2}\?[\\/]UNC[\\/]/iu, '\\\\').replace(/^[\\/]{2}\?[\\/]/u, '');
  if (!isAbsolute(plain))
    throw notExecutable(path, 'begins neither with a drive, as C:\\, nor with \\\\server\\share\\');
  const normal = win32.normalize(plain);
  const name = normal.slice(normal.lastIndexOf('\\') + 1);
  if (name === '') throw notExecutable(path, 'is a folder');
  if (/[<>"|?*]|:/u.test(normal.replace(/^[a-z]:/iu, ''))) {
    throw notExecutable(path, 'has a character in it that no file name has');
  }
  if (/[. ]$/u.test(name)) throw notExecutable(path, 'ends with a dot or a space');
  if (normal.length > longest) {
    throw notExecutable(path, `has ${normal.length} characters, and ${longest} are the most`);
  }
  return normal.replace(/^[a-z]:/u, (drive) => drive.toUpperCase());
}

function isAbsolute(path: string): boolean {
  return /^[a-z]:[\\/]|^[\\/]{2}[^\\/?.]+[\\/]+[^\\/]+[\\/]|^\\Device\\[^\\]+\\/iu.test(path);
}

function resolve(path: string): string {
  const normal = check(path);
  if (normal.startsWith('\\Device\\')) return normal;
  const there = statSync(normal, { throwIfNoEntry: false });
  if (!there) return normal;
  if (!there.isFile()) throw notExecutable(path, 'is not a file');
  return check(realpathSync.native(normal));
}

function doubt(path: string): string | null {
  return path.startsWith('\\Device\\') ? null : notThere(path);
}

/** Converts letter by letter, as the kernel does when it compares names: no letter becomes two. */
function upperCase(path: string): string {
  return path.replace(/[^]/gu, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === letter.length ? upper : letter;
  });
}
