import { NetFlowError } from '../errors.js';

/** The error for a reply that doesn't follow protocol.h; `offset` is the start of its record. */
export function malformed(offset: number, reason: string): NetFlowError {
  return new NetFlowError('FAILED', `The driver sent a malformed record at byte ${offset}: ${reason}.`);
}
