import type { Requirement } from '../../../records.js';
import { RuleMaps } from './rule-maps.js';
import { describeSending } from './sending.js';

/** What there is to say of how well the running driver can hold limits. */
export function describeLimits(): Requirement[] {
  return [describeSending(), describePlaces()];
}

/** A process that has no place in the driver's table has no limit. */
function describePlaces(): Requirement {
  using maps = new RuleMaps();
  const ok = maps.news().unplaced === 0;
  return {
    name: 'places for processes, for limits',
    ok,
    detail: ok
      ? 'there has been one for each'
      : 'some processes found none, and so have no limit: stop the driver, and start it with a larger --max-processes',
  };
}
