import type { Driver } from './driver/driver.js';
import type { Limit } from './records.js';

/**
 * Says in a sentence each what a limit that has been set doesn't hold, or not as others do, as far as it is known. The
 * limit is set, whatever becomes of this.
 */
export async function doubtsAbout(driver: Driver, limit: Limit): Promise<string[]> {
  const { uploadLimit: upload, downloadLimit: download } = limit;
  if (upload === null && download === null) return [];
  try {
    return [...(await driver.limitDoubts({ upload, download })), ...(await doubtSockets(driver, limit))];
  } catch (error) {
    return [`The limit is set; whether all of it can be held could not be checked: ${(error as Error).message}`];
  }
}

/** Limits are for TCP and UDP; who has other sockets as well moves more than the limit by them. */
async function doubtSockets(driver: Driver, limit: Limit): Promise<string[]> {
  if (limit.processes === 0) return [];
  const others = (await driver.readConnections()).filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'udp');
  if (others.length === 0) return [];
  const members = await membersOf(driver, limit);
  const theirs = others.filter(({ processId }) => members.has(processId));
  if (theirs.length === 0) return [];
  const ids = [...new Set(theirs.map(({ processId }) => processId))];
  const protocols = [...new Set(theirs.map(({ protocol }) => protocol))];
  const who = ids.length === 1 ? 'process' : 'processes';
  return [`Limits are for TCP and UDP, and ${who} ${ids.join(', ')} also has ${protocols.join(', ')} sockets.`];
}

async function membersOf(driver: Driver, { processId, path }: Limit): Promise<Set<number>> {
  if (path === null) return new Set([processId ?? 0]);
  const key = driver.paths.key(path);
  const { processes } = await driver.read({ exited: false });
  const isMember = (own: string | null): boolean => own !== null && driver.paths.key(own) === key;
  return new Set(processes.flatMap((process) => (isMember(process.path) ? [process.processId] : [])));
}
