import type { Argv } from 'yargs';
import { connections } from './commands/connections.js';
import { driver } from './commands/driver.js';
import { limit } from './commands/limit.js';
import { list } from './commands/list.js';
import { measure } from './commands/measure.js';
import { policy } from './commands/policy.js';
import { watch } from './commands/watch.js';

/** Every command, in the order of the help page. Each loads what it needs only when it runs. */
export function addCommands(yargs: Argv): Argv {
  return yargs
    .command(list)
    .command(watch)
    .command(connections)
    .command(measure)
    .command(limit)
    .command(policy)
    .command(driver);
}

/** The command that a command line names, for hints. */
export function commandNamed(args: readonly string[]): string {
  const names = [list, watch, connections, measure, limit, policy, driver].map(
    ({ command }) => String(command).split(' ')[0] ?? '',
  );
  const [first = ''] = args;
  return names.includes(first) ? first : '';
}
