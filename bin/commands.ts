import type { Argv, CommandModule } from 'yargs';
import { completion } from './commands/completion.js';
import { connections } from './commands/connections.js';
import { driver } from './commands/driver.js';
import { limit } from './commands/limit.js';
import { list } from './commands/list.js';
import { measure } from './commands/measure.js';
import type { ParentCommand } from './commands/parent.js';
import { policy } from './commands/policy.js';
import { watch } from './commands/watch.js';

/** Every command, in the order of the help page. Each loads what it needs only when it runs. */
const commands = [list, watch, connections, measure, limit, policy, driver, completion] as CommandModule[];

export function addCommands(yargs: Argv): Argv {
  return commands.reduce((added, command) => added.command(command), yargs);
}

/** Returns the names of the commands, or of those that one of them has. */
export function commandNames(of = ''): readonly string[] {
  if (of === '') return commands.map(({ command }) => String(command).split(' ')[0] ?? '');
  return (commands.find(({ command }) => command === of) as Partial<ParentCommand> | undefined)?.parts ?? [];
}

/** Returns the command that a command line names, as `limit set`, or an empty text. */
export function commandNamed([first = '', second = '']: readonly string[]): string {
  if (!commandNames().includes(first)) return '';
  return commandNames(first).includes(second) ? `${first} ${second}` : first;
}
