import type { CommandModule } from 'yargs';
import { connectionFields } from '../../core/index.js';
import { filterOfPresent, type FilterArguments } from '../filter-arguments.js';
import { csvOption, jsonOption, nameOption, pidOption } from '../options.js';
import { writeRows, type Format } from '../output/rows.js';
import { withNetFlow } from '../with-netflow.js';

type ConnectionsArguments = Pick<FilterArguments, 'pid' | 'name'> & Format;

/** `netflow connections`: a row for each socket of each process. */
export const connections: CommandModule<object, ConnectionsArguments> = {
  command: 'connections',
  describe: 'Show every connection, with its process and traffic',
  builder: (yargs) =>
    yargs
      .options({ pid: pidOption, name: nameOption, json: jsonOption, csv: csvOption })
      .example('netflow connections --name sshd', 'Who is connected by SSH'),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const rows = await netflow.connections(filterOfPresent(argv));
      done();
      await writeRows(rows, connectionFields, argv);
    }),
};
