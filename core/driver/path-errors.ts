import { NetFlowError } from '../errors.js';

const shown = 80;

/** The error for what is no path of an executable; `why` goes on from the path: `is a folder`. */
export function notExecutable(path: string, why: string): NetFlowError {
  const quoted = JSON.stringify(path.length > shown ? `${path.slice(0, shown)}…` : path);
  return new NetFlowError('INVALID_ARGUMENT', `${quoted} ${why}: give the full path of an executable.`);
}
