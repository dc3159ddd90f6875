import type { CommandModule } from 'yargs';
import { scripts, shells } from '../completion/scripts.js';
import { UsageError } from '../output/errors.js';
import { write } from '../output/write.js';

interface CompletionArguments {
  shell?: string | undefined;
}

/** `netflow completion SHELL`: prints a script, which asks this program what can follow. */
export const completion: CommandModule<object, CompletionArguments> = {
  command: 'completion [shell]',
  describe: `Print a completion script for ${shells.slice(0, -1).join(', ')} or ${shells.at(-1)}`,
  builder: (yargs) =>
    yargs
      .positional('shell', { describe: shells.join(', '), type: 'string' })
      .example('source <(netflow completion bash)', 'For this shell'),
  handler: async ({ shell }) => {
    const found = shells.find((name) => name === shell);
    if (found === undefined) {
      const given = shell === undefined ? '' : `, not ${JSON.stringify(shell)}`;
      throw new UsageError(`completion needs one of ${shells.join(', ')}${given}`, 'completion');
    }
    await write(scripts[found]);
  },
};
