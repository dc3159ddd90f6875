import { existsSync } from 'node:fs';
import { NetFlowError } from '../errors.js';
import { quote } from '../quote.js';

/** The error for a path that can't be an executable's; `why` continues after the path: `is a folder`. */
export function notExecutable(path: string, why: string): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `${quote(path, 80)} ${why}: give the full path of an executable.`);
}

/** Why a rule for a path holds for nobody yet; null where there is no reason. */
export function notThere(path: string): string | null {
  return existsSync(path) ? null : `There is no ${quote(path, 80)} yet: the limit will hold for what comes there.`;
}
