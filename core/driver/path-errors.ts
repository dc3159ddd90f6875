import { NetFlowError } from '../errors.js';
import { quote } from '../quote.js';

/** The error for a path that can't be an executable's; `why` continues after the path: `is a folder`. */
export function notExecutable(path: string, why: string): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `${quote(path, 80)} ${why}: give the full path of an executable.`);
}
