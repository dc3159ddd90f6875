import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { kernelPath } from './kernel-path.js';

/** Processes that are shown by a path, and run another file than the one that is there; in a sentence, if any. */
export function describeLookAlikes(path: string): string[] {
  const kernels = kernelPath(path);
  const file = statSync(kernels, { bigint: true, throwIfNoEntry: false });
  const ids = file ? readdirSync('/proc').filter((id) => /^\d+$/u.test(id) && isLookAlike(id, kernels, file)) : [];
  if (ids.length === 0) return [];
  const who = ids.length === 1 ? `Process ${ids[0]} has` : `Processes ${ids.join(', ')} have`;
  const what = ids.length === 1 ? 'runs another file' : 'run other files';
  return [
    `${who} this path and ${what}, of a container or of a mount that a user has made: the limit is for these too.`,
  ];
}

function isLookAlike(id: string, path: string, { dev, ino }: { dev: bigint; ino: bigint }): boolean {
  const link = `/proc/${id}/exe`;
  try {
    if (readlinkSync(link) !== path) return false;
    const own = statSync(link, { bigint: true });
    return own.dev !== dev || own.ino !== ino;
  } catch {
    return false; // a kernel thread, or a process that has just ended
  }
}
