import { NetFlowError } from './errors.js';

/** Throws INVALID_ARGUMENT for a number that no process has as its id. */
export function checkProcessId(processId: number): void {
  if (Number.isInteger(processId) && processId > 0 && processId <= 0xffff_ffff) return;
  throw new NetFlowError('INVALID_ARGUMENT', `${processId} is no process id: give a whole number from 1.`);
}
