import type { ProcessTraffic } from '../../../core/index.js';
import { runNow } from '../../support/commands.js';
import { entry } from '../../support/paths.js';

/** The command line of this checkout. */
export function list(...args: readonly string[]): ProcessTraffic[] {
  return JSON.parse(runNow(process.execPath, entry, 'list', '--json', ...args)) as ProcessTraffic[];
}
