import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

const writableByOthers = 0o022;
const sticky = 0o1000;

/** Who but root can change what a path leads to, as `/home/ann belongs to user 1000`; null where nobody can. */
export function writerOf(path: string): string | null {
  if (dirname(path) !== path) {
    const above = writerOf(dirname(path));
    if (above !== null) return above;
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return null;
  if (stats.uid !== 0) return `${path} belongs to user ${stats.uid}`;
  if (stats.isSymbolicLink()) return writerOf(resolve(dirname(path), readlinkSync(path)));
  return isOpen(stats) ? `${path} can be written by others than root` : null;
}

/** In a folder that is sticky, as /tmp, nobody can replace what is root's. */
function isOpen(stats: Stats): boolean {
  return (stats.mode & writableByOthers) !== 0 && !(stats.isDirectory() && (stats.mode & sticky) !== 0);
}
