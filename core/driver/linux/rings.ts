import { readdirSync, readlinkSync } from 'node:fs';

/** The processes, of these, that have an io_uring open, which may hold sockets that no table of files has. */
export function withRings(processIds: readonly number[]): number[] {
  return processIds.filter(hasRing);
}

function hasRing(processId: number): boolean {
  const folder = `/proc/${processId}/fd`;
  try {
    return readdirSync(folder).some((file) => isRing(`${folder}/${file}`));
  } catch {
    return false; // it has exited
  }
}

function isRing(link: string): boolean {
  try {
    return readlinkSync(link) === 'anon_inode:[io_uring]';
  } catch {
    return false; // it was closed meanwhile
  }
}
