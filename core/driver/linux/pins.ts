import { existsSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pinDirectory } from './paths.js';

/** Whether a driver is there. It is renamed into place when it is complete, so that half a driver never is. */
export function isRunning(): boolean {
  return existsSync(pinDirectory);
}

/** Where a driver is put together, or taken apart. (bpffs takes no dots in names.) */
export function transientDirectory(doing: 'starting' | 'stopping'): string {
  return `${pinDirectory}-${doing}-${process.pid}`;
}

/** Such folders that a kill left behind; root's own alone, since bpffs may be open to everybody. */
export function leftovers(): string[] {
  const parent = dirname(pinDirectory);
  const pattern = new RegExp(`^${basename(pinDirectory)}-(starting|stopping)-\\d+$`, 'u');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => pattern.test(name))
    .map((name) => join(parent, name))
    .filter((path) => lstatSync(path).isDirectory() && lstatSync(path).uid === 0);
}

/** Removes a folder of pins, and follows no links; what the kernel held by the pins goes with the last one. */
export function removePins(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) removePins(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}
