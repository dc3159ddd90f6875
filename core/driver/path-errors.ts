import { existsSync } from 'node:fs';
import { NetFlowError } from '../errors.js';
import { quote } from '../quote.js';

/** The error for a path that can't be an executable's; `why` continues after the path: `is a folder`. */
export function notExecutable(path: string, why: string): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `${quote(path, 80)} ${why}: give the full path of an executable.`);
}

/** Why a rule for a path holds for nobody yet; null where there is no reason. */
export function notThere(path: string): string | null {
  if (existsSync(path)) return null;
  const pattern = /[*?]/u.test(path) ? ', where * and ? stand for themselves' : '';
  return `There is no ${quote(path, 80)} yet${pattern}: the limit will hold for what comes there.`;
}
