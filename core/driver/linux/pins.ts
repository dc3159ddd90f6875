import { existsSync, lstatSync, readdirSync, rmdirSync, statfsSync, unlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pinDirectory } from './paths.js';

const bpffsMagic = 0xcafe_4a11;
const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * Whether a driver is there. It is renamed into place when it is complete, so that half a driver never is. bpffs may be
 * open to everybody, and what somebody else has made there is no driver.
 */
export function isRunning(): boolean {
  return look(pinDirectory) !== null && distrust() === null;
}

/** Why what is at the driver's place, or can come there, is not to be believed; null where only root can change it. */
export function distrust(folder = pinDirectory): string | null {
  const parent = dirname(folder);
  const [above, own] = [look(parent), look(folder)];
  if (above && !(isRoots(above) || (above.isDirectory() && above.uid === 0 && (above.mode & sticky) !== 0))) {
    return `${parent} can be changed by others than root: give it to root, with \`chmod 700\``;
  }
  if (own === null) return null;
  if (!isRoots(own)) return `${folder} is not root's own, and so not the driver: remove it`;
  if (statfsSync(folder).type !== bpffsMagic) return `${folder} is not on bpffs, and so not the driver: remove it`;
  return null;
}

/** Where a driver is put together, or taken apart. (bpffs takes no dots in names.) */
export function transientDirectory(doing: 'starting' | 'stopping'): string {
  return `${pinDirectory}-${doing}-${process.pid}`;
}

/** Removes such folders that a kill left behind; those of others stay. */
export function removeLeftovers(): void {
  const parent = dirname(pinDirectory);
  const pattern = new RegExp(`^${basename(pinDirectory)}-(starting|stopping)-\\d+$`, 'u');
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent).filter((entry) => pattern.test(entry))) removeTransient(join(parent, name));
}

/** Only root's own: in a folder of somebody else's a link could take the place of a folder while it is removed. */
export function removeTransient(folder: string): void {
  const stats = look(folder);
  if (stats && isRoots(stats)) removePins(folder);
}

/** Removes a folder of pins; what the kernel held by the pins goes with the last one. */
export function removePins(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) removePins(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}

/** A folder, and no link to one, that nobody but root can change. */
function isRoots(stats: Stats): boolean {
  return stats.isDirectory() && stats.uid === 0 && (stats.mode & writableByOthers) === 0;
}

/** Null where there is nothing, or nothing that this user may see. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
