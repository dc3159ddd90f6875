import { NetFlowError } from '../errors.js';
import type { Requirement } from '../records.js';

/** Throws DRIVER_UNAVAILABLE, which names all that is missing. */
export function assertMet(requirements: readonly Requirement[]): void {
  const missing = requirements.filter(({ ok }) => !ok);
  if (missing.length === 0) return;
  const list = missing.map(({ name, detail }) => `${name} (${detail})`).join('; ');
  throw new NetFlowError('DRIVER_UNAVAILABLE', `The driver can't start here; missing: ${list}.`);
}

const oldestSupported = 22;

/** The driver runs without Node.js; but the programs that read it should have one that still gets fixes. */
export function checkNode(version = process.version): Requirement {
  const ok = parseInt(version.slice(1)) >= oldestSupported;
  return { name: 'Node.js', ok, detail: ok ? version : `${version} is past its end of life: install Node.js 22 or 24` };
}
