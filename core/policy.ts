import { closeSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Driver, PathRule } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import { formatPolicy, parsePolicy } from './policy-file.js';
import type { PolicyDifference, PolicyRule } from './records.js';
import { writeWhole } from './whole-file.js';

/** Where administrators put the machine's policy on Linux. */
const policyFolder = '/etc/netflow/policy.d';

/** The largest policy file: more than the rules there is room for. */
const mostBytes = 16 * 1024 * 1024;

/** Makes the policy's rules equal to the file, all or nothing; returns what it changed. Local rules stay as they are. */
export async function applyPolicy(driver: Driver, file: string, start: Start): Promise<PolicyDifference[]> {
  return applyRules(driver, readPolicy(file), start);
}

/** The same with all files of the policy folder, in the order of their names: of rules for one path the last holds. */
export async function updatePolicy(driver: Driver, start: Start): Promise<PolicyDifference[]> {
  const files = policyFiles();
  if (files === null) return [];
  const rules = files.flatMap(readTrustedPolicy);
  return applyRules(driver, [...new Map(rules.map((rule) => [rule.path, rule])).values()], start);
}

/** What is not as the file says, be it set by a policy or by hand, and what a policy has set that the file lacks. */
export async function testPolicy(driver: Driver, file: string): Promise<PolicyDifference[]> {
  const expected = readPolicy(file);
  const { paths } = await driver.readRules();
  const ofPolicy = paths.filter(({ policy }) => policy).map(toPolicyRule);
  const inForce = new Map(effective(paths).map((rule) => [rule.path, rule]));
  const wanted = new Set(expected.map(({ path }) => path));
  return differences(
    [...expected.flatMap(({ path }) => inForce.get(path) ?? []), ...ofPolicy.filter(({ path }) => !wanted.has(path))],
    expected,
  );
}

/** The path rules that are in force, those that were set by hand included; written to a file where one is given. */
export async function exportPolicy(driver: Driver, file?: string): Promise<PolicyRule[]> {
  const rules = effective((await driver.readRules()).paths);
  if (file !== undefined) writePolicy(file, rules);
  return rules;
}

/** The driver is started only for a policy that is right. */
type Start = () => Promise<void>;

async function applyRules(driver: Driver, rules: readonly PolicyRule[], start: Start): Promise<PolicyDifference[]> {
  await start();
  let before: PolicyRule[] = [];
  await driver.editPathRules((all) => {
    before = all.filter(({ policy }) => policy).map(toPolicyRule);
    return [...all.filter(({ policy }) => !policy), ...rules.map((rule) => ({ ...rule, policy: true }))];
  });
  return differences(before, rules);
}

function differences(actual: readonly PolicyRule[], expected: readonly PolicyRule[]): PolicyDifference[] {
  const before = new Map(actual.map((rule) => [rule.path, rule]));
  const after = new Map(expected.map((rule) => [rule.path, rule]));
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((path) => {
    const difference = { path, expected: after.get(path) ?? null, actual: before.get(path) ?? null };
    return JSON.stringify(difference.expected) === JSON.stringify(difference.actual) ? [] : [difference];
  });
}

/** Of rules for the same path the policy's. */
function effective(paths: readonly PathRule[]): PolicyRule[] {
  const rules = [...paths.filter(({ policy }) => !policy), ...paths.filter(({ policy }) => policy)];
  return [...new Map(rules.map((rule) => [rule.path, toPolicyRule(rule)])).values()].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

function toPolicyRule({ path, upload, download, shared }: PathRule): PolicyRule {
  return { path, upload, download, shared };
}

function readPolicy(file: string): PolicyRule[] {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new Error('it is no file');
    if (status.size > mostBytes) throw new Error(`it has ${status.size} bytes, and ${mostBytes} are the most`);
    return parsePolicy(textOf(file), basename(file));
  } catch (error) {
    if (error instanceof NetFlowError) throw error;
    throw new NetFlowError('FAILED', `${file} can't be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** A byte that is no UTF-8 would become another path than the one that was meant. */
function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new NetFlowError('INVALID_ARGUMENT', `${basename(file)}: it is not in UTF-8. Nothing has changed.`);
  }
}

/** Null where the machine has no policy folder, and so says nothing. */
function policyFiles(): string[] | null {
  try {
    return readdirSync(policyFolder)
      .filter((name) => /\.(csv|json)$/iu.test(name) && !name.startsWith('.'))
      .toSorted()
      .map((name) => join(policyFolder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new NetFlowError('FAILED', `${policyFolder} can't be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Whoever may write a policy limits everybody: a file that others than root may write is refused. */
function readTrustedPolicy(file: string): PolicyRule[] {
  for (const path of [policyFolder, file]) {
    const { uid, mode } = statSync(path);
    if (uid === 0 && (mode & 0o022) === 0) continue;
    throw new NetFlowError(
      'FAILED',
      `${path} can be written by others than root, so no policy is taken from it: give it back to root with chown and chmod.`,
    );
  }
  return readPolicy(file);
}

function writePolicy(file: string, rules: readonly PolicyRule[]): void {
  const text = formatPolicy(rules, basename(file));
  try {
    writeWhole(file, text, fileMode(file));
  } catch (error) {
    throw new NetFlowError('FAILED', `${file} can't be written: ${(error as Error).message}.`, { cause: error });
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
