import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NetFlow, type Limit } from '../../../core/index.js';
import { onCleanUp } from '../../support/cleanup.js';
import { asRoot, mustSucceed, needDriver, startDriver } from './netflow.js';

const savedRules = '/var/lib/netflow/rules.json';

export const KB = 1024;
export const MB = 1024 * KB;

/** Has the driver run without any limits. This machine's own limits are put aside, and back at clean-up. */
export async function needNoLimits(): Promise<void> {
  putRulesAside();
  await needDriver();
}

/** Starts the driver afresh, without any limits. */
export async function startWithoutLimits(...args: readonly (string | number)[]): Promise<void> {
  putRulesAside();
  await startDriver(...args);
}

function putRulesAside(): void {
  const aside = mkdtempSync(join(tmpdir(), 'netflow-rules-'));
  const copy = join(aside, 'rules.json');
  if (existsSync(savedRules)) copyFileSync(savedRules, copy);
  onCleanUp(() => {
    rmSync(savedRules, { force: true });
    if (existsSync(copy)) {
      mkdirSync(dirname(savedRules), { recursive: true, mode: 0o700 });
      copyFileSync(copy, savedRules);
    }
    rmSync(aside, { recursive: true });
  });
  rmSync(savedRules, { force: true });
}

/** Has a suite, and each of its tests, begin without limits. */
export function withoutLimits(begin: Parameters<typeof asRoot>[0] = () => needNoLimits()): void {
  asRoot(begin);
  afterEach(removeLimits);
}

/** The most bytes that a limit lets through in any second: after an idle period it begins with a burst of 150 ms. */
export function mostInASecond(rate: number): number {
  return 1.05 * 1.15 * rate;
}

export async function limits(): Promise<Limit[]> {
  return await (await NetFlow.open()).limit.list();
}

export async function limit(...args: readonly (string | number)[]): Promise<void> {
  await mustSucceed('limit', 'set', ...args);
}

export async function removeLimits(): Promise<void> {
  const sources = (await limits()).map(({ source }) => source);
  if (sources.includes('policy')) await applyRules([]);
  if (sources.includes('local')) await mustSucceed('limit', 'remove', '--all');
}

/** Applies rules as a policy: each has a path, an upload, a download, and whether it is shared. */
export async function applyRules(rules: readonly (readonly [string, string, string, string?])[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-policy-'));
  const file = join(folder, 'policy.csv');
  writeFileSync(
    file,
    [
      'Path,Upload,Download,Shared',
      ...rules.map(([path, up, down, shared = '']) => [path, up, down, shared].join()),
    ].join('\n'),
  );
  try {
    await mustSucceed('policy', 'apply', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
