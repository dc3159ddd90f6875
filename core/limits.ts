import type { Driver, ExecutablePaths, PathRule, RuleLimits } from './driver/driver.js';
import { byPath } from './by-path.js';
import { NetFlowError } from './errors.js';
import { doubtsAbout } from './limit-doubts.js';
import { checkProcessId } from './process-id.js';
import { checkRate } from './rate.js';
import type { Connection, Limit } from './records.js';

/** The process that a limit is for, as long as it runs, or the executable, all of whose processes it is for. */
export type LimitTarget = { processId: number } | { path: string };

/** Changes a limit, in bytes per second, null for none; what is absent stays as it was. */
export interface LimitChange {
  upload?: number | null;
  download?: number | null;
  /** All processes of the executable have the limit together, and not each for itself. For paths only. */
  shared?: boolean;
}

/** Returns every rule, those for single processes first. */
export async function listLimits(driver: Driver, options?: { hasLooked: boolean }): Promise<Limit[]> {
  const { paths, processes } = await driver.readRules(options);
  return [
    ...processes
      .toSorted((a, b) => a.processId - b.processId)
      .map((rule) => toLimit({ ...rule, target: 'process', path: null, source: 'local', processes: 1 })),
    ...paths
      .toSorted(byPath)
      .map((rule) => toLimit({ ...rule, target: 'path', processId: null, source: rule.policy ? 'policy' : 'local' })),
  ];
}

/** Starts the driver, and hears of problems that stop nothing. */
export interface LimitCalls {
  start: () => Promise<void>;
  onWarning: (message: string) => void;
}

/** Adds a rule, or changes the one that is there. Starts the driver once the arguments are checked. */
export async function setLimit(
  driver: Driver,
  target: LimitTarget,
  change: LimitChange,
  calls: LimitCalls,
): Promise<Limit> {
  checkChange(change);
  const isIt =
    'processId' in target
      ? await setProcessLimit(driver, target.processId, change, calls)
      : await setPathLimit(driver, driver.paths.resolve(target.path), change, calls);
  const connections = await readOnce(driver);
  const limits = await listLimits(driver, { hasLooked: connections instanceof Array });
  const limit = limits.find(isIt);
  if (!limit) throw new NetFlowError('NOT_FOUND', 'The process ended while its limit was set.');
  for (const doubt of await doubtsAbout(driver, limit, { connections, limits })) calls.onWarning(doubt);
  return limit;
}

type IsIt = (limit: Limit) => boolean;

/** Every socket, for who has any, and for what can be said of them; the limit is set whether or not this fails. */
async function readOnce(driver: Driver): Promise<Connection[] | Error> {
  try {
    return await driver.readConnections();
  } catch (error) {
    return error as Error;
  }
}

async function setProcessLimit(driver: Driver, id: number, change: LimitChange, { start }: LimitCalls): Promise<IsIt> {
  checkProcessId(id);
  if (change.shared) {
    throw new NetFlowError(
      'INVALID_ARGUMENT',
      'shared applies to paths only, and a process id names a single process: leave shared out.',
    );
  }
  await start();
  await driver.editProcessRule(id, (rule) => changed(rule, change));
  return ({ processId }) => processId === id;
}

async function setPathLimit(driver: Driver, path: string, change: LimitChange, calls: LimitCalls): Promise<IsIt> {
  const isLocal = localRuleOf(driver.paths, path);
  const doubt = driver.paths.doubt(path);
  if (doubt !== null) calls.onWarning(doubt);
  await calls.start();
  await driver.editPathRules((rules) => {
    const before = rules.find(isLocal) ?? null;
    return [...rules.filter((rule) => rule !== before), { ...changed(before, change), path, policy: false }];
  });
  return (limit) => isFor(driver.paths, limit, path) && limit.source === 'local';
}

/** Removes one rule, or every one that no policy has set; returns what it removed. */
export async function removeLimits(driver: Driver, target: LimitTarget | { all: true }): Promise<Limit[]> {
  const limits = await listLimits(driver);
  if ('all' in target) return removeAll(driver, limits);
  if ('processId' in target) return [await removeProcessLimit(driver, target.processId, limits)];
  return [await removePathLimit(driver, target.path, limits)];
}

async function removeAll(driver: Driver, limits: readonly Limit[]): Promise<Limit[]> {
  const removed = limits.filter(({ source }) => source === 'local');
  for (const { processId } of removed) if (processId !== null) await removeProcessRule(driver, processId);
  await driver.editPathRules((rules) => rules.filter(({ policy }) => policy));
  return removed;
}

async function removeProcessLimit(driver: Driver, id: number, limits: readonly Limit[]): Promise<Limit> {
  checkProcessId(id);
  const limit = limits.find(({ processId }) => processId === id);
  if (!limit) throw noRule(`process ${id}`);
  await removeProcessRule(driver, id);
  return limit;
}

async function removePathLimit(driver: Driver, given: string, limits: readonly Limit[]): Promise<Limit> {
  const path = pathOfRule(driver.paths, given, limits);
  const ofPath = limits.filter((limit) => isFor(driver.paths, limit, path));
  const limit = ofPath.find(({ source }) => source === 'local');
  if (!limit) throw noRule(path, ofPath.length > 0);
  const isLocal = localRuleOf(driver.paths, path);
  await driver.editPathRules((rules) => rules.filter((rule) => !isLocal(rule)));
  return limit;
}

/** Does nothing if the process has exited already. */
async function removeProcessRule(driver: Driver, processId: number): Promise<void> {
  try {
    await driver.editProcessRule(processId, () => null);
  } catch (error) {
    if (!(error instanceof NetFlowError) || error.code !== 'NOT_FOUND') throw error;
  }
}

/** Returns the path as its rule has it, even if a link has come or gone since, or no rule could have it any more. */
function pathOfRule(paths: ExecutablePaths, path: string, limits: readonly Limit[]): string {
  if (limits.some((limit) => limit.path === path)) return path;
  const checked = paths.check(path);
  return limits.some((limit) => isFor(paths, limit, checked)) ? checked : paths.resolve(checked);
}

function isFor(paths: ExecutablePaths, limit: Limit, path: string): boolean {
  return limit.path !== null && paths.key(limit.path) === paths.key(path);
}

function changed(before: RuleLimits | null, { upload, download, shared }: LimitChange): RuleLimits {
  return {
    upload: upload === undefined ? (before?.upload ?? null) : upload,
    download: download === undefined ? (before?.download ?? null) : download,
    shared: shared ?? before?.shared ?? false,
  };
}

function checkChange({ upload, download, shared }: LimitChange): void {
  if (upload === undefined && download === undefined && shared === undefined) {
    throw new NetFlowError('INVALID_ARGUMENT', 'Nothing to set: give an upload or a download limit.');
  }
  for (const rate of [upload, download]) if (rate !== undefined) checkRate(rate);
}

function localRuleOf(paths: ExecutablePaths, path: string): (rule: PathRule) => boolean {
  const key = paths.key(path);
  return (rule) => !rule.policy && paths.key(rule.path) === key;
}

function noRule(of: string, hasPolicy = false): NetFlowError {
  return new NetFlowError(
    'NOT_FOUND',
    hasPolicy
      ? `The rule for ${of} is a policy's: change the policy file and apply it again.`
      : `There is no rule for ${of}: list the limits to see all rules.`,
  );
}

function toLimit(rule: RuleLimits & Pick<Limit, 'target' | 'processId' | 'path' | 'source' | 'processes'>): Limit {
  return {
    target: rule.target,
    processId: rule.processId,
    path: rule.path,
    uploadLimit: rule.upload,
    downloadLimit: rule.download,
    shared: rule.shared,
    source: rule.source,
    processes: rule.processes,
  };
}
