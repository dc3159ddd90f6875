import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Driver, ExecutablePaths, PathRule } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import { byPath } from './by-path.js';
import { doubtsAboutPaths } from './limit-doubts.js';
import type { LimitCalls } from './limits.js';
import { formatPolicy, readPolicy, reasonOf } from './policy-file.js';
import type { PolicyDifference, PolicyRule } from './records.js';
import { rulesInForce } from './rule-in-force.js';
import { writeWhole } from './whole-file.js';

/**
 * Makes the policy's rules equal to the file, all or nothing; returns what it changed. Local rules stay. The driver is
 * started only after the file has been read without an error, and only for rules.
 */
export async function applyPolicy(driver: Driver, file: string, calls: LimitCalls): Promise<PolicyDifference[]> {
  const changes = await applyRules(driver, readPolicy(file, driver.paths), calls);
  await driver.noteMachinePolicy(false);
  return changes;
}

/** Applies the machine's own policy as applyPolicy does a file's, or takes it back where it has gone. */
export async function updatePolicy(driver: Driver, calls: LimitCalls): Promise<PolicyDifference[]> {
  const configured = await driver.readMachinePolicy();
  const hasGone = configured === null && (await driver.hasMachinePolicy());
  if (configured === null && !hasGone) return [];
  if (configured) await driver.noteMachinePolicy(true); // even if this process is killed before the rules are there
  const changes = await applyRules(driver, configured ?? [], calls);
  if (hasGone) await driver.noteMachinePolicy(false);
  return changes;
}

/** Removes the policy's rules, wherever they are from; returns what it changed. */
export async function removePolicy(driver: Driver, calls: LimitCalls): Promise<PolicyDifference[]> {
  const changes = await applyRules(driver, [], calls);
  await driver.noteMachinePolicy(false);
  return changes;
}

/** Returns what applyPolicy would change, or updatePolicy where there is no file. */
export async function planPolicy(driver: Driver, file?: string): Promise<PolicyDifference[]> {
  const rules = file === undefined ? await driver.readMachinePolicy() : readPolicy(file, driver.paths);
  if (rules === null && !(await driver.hasMachinePolicy())) return [];
  const { paths } = await driver.readRules();
  return differences(paths.filter(({ policy }) => policy).map(toPolicyRule), rules ?? [], driver.paths);
}

/** Returns the paths whose rule in force differs from the file's, and those of a policy's rules that the file lacks. */
export async function testPolicy(driver: Driver, file: string): Promise<PolicyDifference[]> {
  const key = (path: string): string => driver.paths.key(path);
  const expected = readPolicy(file, driver.paths);
  const { paths } = await driver.readRules();
  const ofPolicy = paths.filter(({ policy }) => policy).map(toPolicyRule);
  const inForce = byKey(sortedInForce(paths, driver.paths), driver.paths);
  const wanted = new Set(expected.map(({ path }) => key(path)));
  const actual = [
    ...expected.flatMap(({ path }) => inForce.get(key(path)) ?? []),
    ...ofPolicy.filter(({ path }) => !wanted.has(key(path))),
  ];
  return differences(actual, expected, driver.paths);
}

/** Returns the path rules in force, including those set by hand, and writes them to a file if one is given. */
export async function exportPolicy(driver: Driver, file?: string): Promise<PolicyRule[]> {
  const rules = sortedInForce((await driver.readRules()).paths, driver.paths);
  if (file !== undefined) writePolicy(file, rules);
  return rules;
}

async function applyRules(
  driver: Driver,
  rules: readonly PolicyRule[],
  { start, onWarning }: LimitCalls,
): Promise<PolicyDifference[]> {
  if (rules.length > 0) await start();
  let before: PolicyRule[] = [];
  await driver.editPathRules((all) => {
    before = all.filter(({ policy }) => policy).map(toPolicyRule);
    return [...all.filter(({ policy }) => !policy), ...rules.map((rule) => ({ ...rule, policy: true }))];
  });
  const changes = differences(before, rules, driver.paths);
  const changed = changes.flatMap(({ expected }) => (expected === null ? [] : [expected.path]));
  for (const doubt of doubtsAboutPaths(driver.paths, changed)) onWarning(doubt);
  return changes;
}

function differences(
  actual: readonly PolicyRule[],
  expected: readonly PolicyRule[],
  paths: ExecutablePaths,
): PolicyDifference[] {
  const [before, after] = [byKey(actual, paths), byKey(expected, paths)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [before.get(key) ?? null, after.get(key) ?? null];
    return isSame(was, is) ? [] : [{ path: (is ?? was)?.path ?? key, expected: is, actual: was }];
  });
}

function isSame(one: PolicyRule | null, other: PolicyRule | null): boolean {
  if (one === null || other === null) return one === other;
  return one.upload === other.upload && one.download === other.download && one.shared === other.shared;
}

/** Returns the rules in force, sorted by path. */
function sortedInForce(all: readonly PathRule[], paths: ExecutablePaths): PolicyRule[] {
  const rules = [...rulesInForce(all, (path) => paths.key(path)).values()];
  return rules.map(toPolicyRule).toSorted(byPath);
}

/** Picks the last of several rules for one path. */
function byKey(rules: readonly PolicyRule[], paths: ExecutablePaths): Map<string, PolicyRule> {
  return new Map(rules.map((rule) => [paths.key(rule.path), rule]));
}

function toPolicyRule({ path, upload, download, shared }: PathRule): PolicyRule {
  return { path, upload, download, shared };
}

function writePolicy(file: string, rules: readonly PolicyRule[]): void {
  const text = formatPolicy(rules, basename(file));
  try {
    writeWhole(file, text, fileMode(file));
  } catch (error) {
    throw new NetFlowError('FAILED', `${file} can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}

function fileMode(file: string): number {
  try {
    const opened = openSync(file, 'r');
    const { mode } = fstatSync(opened);
    closeSync(opened);
    return mode & 0o777;
  } catch {
    return 0o644;
  }
}
