import type { CommandModule } from 'yargs';
import { connectionFields } from '../../core/index.js';
import { csvOption, given, jsonOption, nameOption, pidOption } from '../options.js';
import { writeRows } from '../output/rows.js';
import { withNetFlow } from '../with-netflow.js';

interface ConnectionsArguments {
  pid?: number[] | undefined;
  name?: string[] | undefined;
  json?: boolean | undefined;
  csv?: boolean | undefined;
}

/** `netflow connections`: one row for each socket of each process. */
export const connections: CommandModule<object, ConnectionsArguments> = {
  command: 'connections',
  describe: 'Show every connection, with its process and traffic',
  builder: (yargs) =>
    yargs
      .options({ pid: pidOption, name: nameOption, json: jsonOption, csv: csvOption })
      .example('netflow connections --name sshd', 'Who is connected by SSH'),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const rows = await netflow.connections(given({ pids: argv.pid, names: argv.name }));
      done();
      await writeRows(rows, connectionFields, argv);
    }),
};
