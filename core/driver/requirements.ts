import { NetFlowError } from '../errors.js';
import type { Requirement } from '../records.js';

/** Throws DRIVER_UNAVAILABLE, naming all that is missing. */
export function assertMet(requirements: readonly Requirement[]): void {
  const missing = requirements.filter(({ ok }) => !ok);
  if (missing.length === 0) return;
  const list = missing.map(({ name, detail }) => `${name} (${detail})`).join('; ');
  throw new NetFlowError('DRIVER_UNAVAILABLE', `The driver can't start here, missing: ${list}.`);
}
