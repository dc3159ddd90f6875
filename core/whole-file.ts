import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file so that the old content or the new is there at any time, whatever happens: under another name first,
 * which then takes the place of the old one. Throws what the file system says, with nothing changed.
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

/** Windows has no such thing: NTFS keeps a log of its names. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
