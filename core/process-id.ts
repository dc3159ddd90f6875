import { NetFlowError } from './errors.js';

const greatest = 0xffff_ffff;

/** Throws INVALID_ARGUMENT for a number that can't be a process id. */
export function checkProcessId(processId: number): void {
  if (Number.isInteger(processId) && processId > 0 && processId <= greatest) return;
  throw new NetFlowError(
    'INVALID_ARGUMENT',
    `Invalid process id ${processId}: expected an integer from 1 to ${greatest}.`,
  );
}
