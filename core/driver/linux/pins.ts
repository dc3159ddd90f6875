import { existsSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pinDirectory } from './paths.js';

/** Whether a driver is there. It is renamed into place when it is complete, so that half a driver never is. */
export function isRunning(): boolean {
  return existsSync(pinDirectory);
}

/** Folders that a start or stop left behind when it was killed. (bpffs takes no dots in names.) */
export function leftovers(): string[] {
  const parent = join(pinDirectory, '..');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith('netflow-'))
    .map((name) => join(parent, name));
}

/** Removes a folder of pins; what the kernel held by them goes with the last one. */
export function removePins(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) removePins(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}
