import { join } from 'node:path';
import type { ProcessTraffic } from '../../../core/index.js';
import { runNow } from '../../system/support/commands.js';
import { projectRoot } from '../../system/support/paths.js';

/** The command line of this checkout. */
export const entry = join(projectRoot, 'bin', 'netflow.js');

export function list(...args: readonly string[]): ProcessTraffic[] {
  return JSON.parse(runNow(process.execPath, entry, 'list', '--json', ...args)) as ProcessTraffic[];
}
