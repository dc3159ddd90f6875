import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file so that it has its old content or the new at any time, whatever happens: writes a draft beside it,
 * and renames that. Throws the file system's error, with nothing changed.
 */
export function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    const opened = openSync(draft, 'wx', mode);
    try {
      writeFileSync(opened, text);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  if (process.platform !== 'win32') syncFolder(dirname(file));
}

/** Makes the new name permanent. Windows has no call for that, and NTFS logs its names. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
