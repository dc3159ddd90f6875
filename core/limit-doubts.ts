import type { Driver, ExecutablePaths } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import { quote } from './quote.js';
import type { Connection, Limit } from './records.js';
import { formatRule } from './units.js';

/** What has been read since a limit was set; of the connections, why they could not be. */
export interface Known {
  connections: readonly Connection[] | Error;
  limits: readonly Limit[];
}

/**
 * Says in a sentence each what a limit that has been set doesn't hold, or not as others do, as far as it is known. The
 * limit is set, whatever becomes of this.
 */
export async function doubtsAbout(driver: Driver, limit: Limit, known: Known): Promise<string[]> {
  try {
    return await findDoubts(driver, limit, known);
  } catch (error) {
    return [`The limit is set; whether all of it can be held could not be checked: ${(error as Error).message}`];
  }
}

async function findDoubts(driver: Driver, limit: Limit, { connections, limits }: Known): Promise<string[]> {
  const { uploadLimit, downloadLimit, path } = limit;
  const another = path === null ? null : policyInstead(driver, path, limits);
  if (another !== null) return [another];
  if (uploadLimit === null && downloadLimit === null) return [];
  const started = path === null ? [] : doubtsAboutStarted(path);
  return [...started, ...(await driver.limitDoubts(limit)), ...(await doubtSockets(driver, limit, connections))];
}

/** A policy's rule is in force where a local one is for the same path. */
function policyInstead(driver: Driver, path: string, limits: readonly Limit[]): string | null {
  const key = driver.paths.key(path);
  const isInstead = ({ source, path: other }: Limit): boolean =>
    source === 'policy' && other !== null && driver.paths.key(other) === key;
  const rule = limits.find(isInstead);
  if (!rule) return null;
  const rates = formatRule({ upload: rule.uploadLimit, download: rule.downloadLimit, shared: rule.shared });
  return `A policy's limit of ${quote(path, 80)} is in force, and this one once that is gone: ${rates}.`;
}

/** Limits are for TCP and UDP; who has other sockets as well moves more than the limit by them. */
async function doubtSockets(
  driver: Driver,
  limit: Limit,
  connections: readonly Connection[] | Error,
): Promise<string[]> {
  if (limit.processes === 0) return [];
  if (connections instanceof Error) throw connections;
  const others = connections.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'udp');
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

/** Says which paths no process can have, each in a sentence, and which none can have yet, in one for all. */
export function doubtsAboutPaths(paths: ExecutablePaths, given: readonly string[]): string[] {
  const absent = given.filter((path) => paths.doubt(path) !== null);
  const present = given.filter((path) => !absent.includes(path));
  const doubts = present.flatMap((path) => [...doubtsAboutFile(paths, path), ...doubtsAboutStarted(path)]);
  if (absent.length === 0) return doubts;
  const more = absent.length > 3 ? ` and ${absent.length - 3} more` : '';
  const names = absent.slice(0, 3).map((path) => quote(path, 80));
  return [...doubts, `Not there yet: ${names.join(', ')}${more}. Limits hold for what comes there.`];
}

function doubtsAboutFile(paths: ExecutablePaths, path: string): string[] {
  try {
    paths.resolve(path);
    return [];
  } catch (error) {
    if (error instanceof NetFlowError) return [error.message];
    throw error;
  }
}

/** Programs that have others transfer for them, by their names. */
const starters: Record<string, string> = {
  git: 'git-remote-http and ssh',
  apt: 'those in /usr/lib/apt/methods',
  'apt-get': 'those in /usr/lib/apt/methods',
  scp: 'ssh',
  sftp: 'ssh',
  rsync: 'ssh, unless the other side is a daemon of rsync',
  docker: 'dockerd',
};

/** The limit of a path is not one of what its program starts. */
function doubtsAboutStarted(path: string): string[] {
  const name = path.replace(/^.*[\\/]|\.exe$/giu, '');
  const started = Object.hasOwn(starters, name) ? starters[name] : undefined;
  return started === undefined
    ? []
    : [`${name} starts others that transfer for it, which need limits too: ${started}.`];
}
