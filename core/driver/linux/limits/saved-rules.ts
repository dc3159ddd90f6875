import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NetFlowError } from '../../../errors.js';
import { writeWhole } from '../../../whole-file.js';
import type { PathRule } from '../../driver.js';
import { savedRulesFile } from '../paths.js';

/** The path rules as they were saved last; none where they never were. */
export function readSavedRules(file = savedRulesFile): PathRule[] {
  const text = readTrusted(file);
  if (text === null) return [];
  try {
    const { rules } = JSON.parse(text) as { rules: unknown };
    if (Array.isArray(rules) && rules.every(isPathRule)) return rules;
  } catch {
    // Said below.
  }
  throw new NetFlowError(
    'FAILED',
    `${file} is not what NetFlow wrote: mend it, or remove it and set the limits again.`,
  );
}

/** The caller holds the driver's lock. */
export function saveRules(rules: readonly PathRule[], file = savedRulesFile): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    removeDrafts(file);
    writeWhole(file, `${JSON.stringify({ rules }, null, 2)}\n`, 0o600);
  } catch (error) {
    throw new NetFlowError('FAILED', `The rules can't be saved: ${(error as Error).message}. Nothing has changed.`, {
      cause: error,
    });
  }
}

/** What somebody left who was killed while saving. */
function removeDrafts(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(file)}.`)) rmSync(join(folder, name), { force: true });
  }
}

/** Null where there is no such file. One that others may write is refused. */
function readTrusted(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new NetFlowError('FAILED', `The saved rules can't be read: ${(error as Error).message}.`, { cause: error });
  }
  try {
    const { uid, mode } = fstatSync(file);
    if (uid === 0 && (mode & 0o022) === 0) return readFileSync(file, 'utf8');
    throw new NetFlowError(
      'FAILED',
      `${path} can be written by others than root, so it is not used: give it back to root with \`chown root\` and \`chmod 600\`.`,
    );
  } finally {
    closeSync(file);
  }
}

function isPathRule(value: unknown): value is PathRule {
  const { path, upload, download, shared, policy } = value as Partial<Record<keyof PathRule, unknown>>;
  return (
    typeof path === 'string' &&
    isLimit(upload) &&
    isLimit(download) &&
    typeof shared === 'boolean' &&
    typeof policy === 'boolean'
  );
}

function isLimit(value: unknown): boolean {
  return value === null || (typeof value === 'number' && Number.isInteger(value) && value > 0);
}
