import { NetFlowError } from '../errors.js';

/** The error for a reply that is not what protocol.h says; `offset` is where its record starts. */
export function malformed(offset: number, reason: string): NetFlowError {
  return new NetFlowError('FAILED', `The driver sent a malformed record at byte ${offset}: ${reason}.`);
}
