import type { Driver } from './driver/driver.js';
import { quote } from './quote.js';
import type { Limit } from './records.js';
import { formatRule } from './units.js';

/** Says in a sentence each what a limit that has been set doesn't hold, or not as others do, as far as it is known. */
export async function doubtsAbout(driver: Driver, limit: Limit): Promise<string[]> {
  const { uploadLimit: upload, downloadLimit: download, path } = limit;
  const another = path === null ? null : await policyInstead(driver, path);
  if (another !== null) return [another];
  if (upload === null && download === null) return [];
  return [...(await driver.limitDoubts({ upload, download })), ...(await doubtSockets(driver, limit))];
}

/** A policy's rule is in force where a local one is for the same path. */
async function policyInstead(driver: Driver, path: string): Promise<string | null> {
  const key = driver.paths.key(path);
  const rule = (await driver.readRules()).paths.find((each) => each.policy && driver.paths.key(each.path) === key);
  if (!rule) return null;
  return `A policy's limit of ${quote(path, 80)} is in force, and this one once that is gone: ${formatRule(rule)}.`;
}

/** Limits are for TCP and UDP; who has other sockets as well moves more than the limit by them. */
async function doubtSockets(driver: Driver, limit: Limit): Promise<string[]> {
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
