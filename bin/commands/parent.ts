import type { CommandModule } from 'yargs';

/** A command of several others, `netflow limit` for example, which has to be followed by the name of one. */
export interface ParentCommand extends CommandModule {
  parts: readonly string[];
}

export function parentOf(command: string, describe: string, modules: readonly unknown[]): ParentCommand {
  const commands = modules as readonly CommandModule[];
  const parts = commands.map((part) => String(part.command).split(' ')[0] ?? '');
  return {
    ...{ command, describe, parts },
    builder: (yargs) =>
      commands
        .reduce((added, part) => added.command(part), yargs)
        .demandCommand(1, `${command} needs one of ${parts.join(', ')}`),
    handler: () => {},
  };
}
