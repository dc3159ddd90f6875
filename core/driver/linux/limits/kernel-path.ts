import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';

/** As many as the kernel follows. */
const mostLinks = 40;

/**
 * The path that the kernel knows an executable by: symbolic links are followed, but only root's. Others could be turned
 * by their owner to any executable, which the rule would then be for.
 */
export function kernelPath(path: string): string {
  let rest = path.split('/').filter(Boolean);
  let at = '/';
  let links = 0;
  while (rest.length > 0) {
    const [name = '', ...more] = rest;
    const next = posix.resolve(at, name);
    const target = rootsLink(next);
    if (target === null) return path;
    if (target === '') {
      at = next;
      rest = more;
    } else {
      if (++links > mostLinks) return path;
      rest = [...target.split('/').filter(Boolean), ...more];
      if (target.startsWith('/')) at = '/';
    }
  }
  return at;
}

/** Where a link of root's leads; '' for what is no link, null for what is not there or is somebody else's link. */
function rootsLink(path: string): string | null {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status) return null;
  if (!status.isSymbolicLink()) return '';
  return status.uid === 0 ? readlinkSync(path) : null;
}
