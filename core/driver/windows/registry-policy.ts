import { NetFlowError } from '../../errors.js';
import { parseRate } from '../../rate.js';
import type { PolicyRule } from '../../records.js';
import { windowsPaths } from './executable-paths.js';
import { savedRules } from './paths.js';
import { readBinary, readNumber, readTexts, writeBinary } from './registry.js';

/*
 * psmodule/policy/NetFlow.admx has Group Policy write these values, and only administrators can: `Enabled`, 1 or 0,
 * and a value for each program, whose name is the path and whose text is `upload=1MB;download=none;shared`.
 */
const settings = String.raw`SOFTWARE\Policies\NetFlow`;
const key = String.raw`${settings}\Limits`;

/** Whether the policy's rules are from these values: one byte, 1 or 0. */
const note = { key: savedRules.key, name: 'MachinePolicy' };

export function hasMachinePolicy(): boolean {
  return readBinary(note)?.[0] === 1;
}

export function noteMachinePolicy(isMachines: boolean): void {
  if (isMachines !== hasMachinePolicy()) writeBinary(note, Buffer.from([Number(isMachines)]));
}

/**
 * Returns no rules where the policy is disabled, null where it is not configured. All or nothing: throws
 * INVALID_ARGUMENT with the first value that is wrong.
 */
export function readRegistryPolicy(): PolicyRule[] | null {
  const enabled = readNumber({ key: settings, name: 'Enabled' });
  if (enabled === 0) return [];
  const values = readTexts(key);
  if (values === null) return enabled === null ? null : [];
  const rules = new Map<string, PolicyRule>();
  for (const [name, text] of values) {
    const rule = toRule(name, text);
    rules.set(windowsPaths.key(rule.path), rule);
  }
  return [...rules.values()];
}

function toRule(name: string, text: string): PolicyRule {
  try {
    const parts = partsOf(text);
    return {
      path: windowsPaths.check(name),
      upload: rateOf(parts.get('upload')),
      download: rateOf(parts.get('download')),
      shared: parts.has('shared'),
    };
  } catch (error) {
    if (!(error instanceof NetFlowError)) throw error;
    const what = error.message.replace(/\.$/u, '');
    throw new NetFlowError(
      'INVALID_ARGUMENT',
      `HKLM\\${key}, value ${JSON.stringify(name)}: ${what}. Nothing has changed.`,
      { cause: error },
    );
  }
}

function rateOf(text: string | undefined): number | null {
  return text === undefined ? null : parseRate(text);
}

/** Splits the text into the names and values on both sides of each =. */
function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [, name = '', value = ''] = /^\s*(upload|download|shared)\s*(?:=\s*(.*?))?\s*$/iu.exec(part) ?? [];
    const isRight = name.toLowerCase() === 'shared' ? value === '' : value !== '';
    if (!isRight || parts.has(name.toLowerCase())) {
      throw new NetFlowError('INVALID_ARGUMENT', `${JSON.stringify(text)} is not upload=RATE;download=RATE;shared`);
    }
    parts.set(name.toLowerCase(), value);
  }
  return parts;
}
