import type { CommandModule } from 'yargs';
import { connectionFields, protocolNames, stateNames, type Connection } from '../../core/index.js';
import { failMissingName, type FilterArguments } from '../filter-arguments.js';
import {
  connectionSortNames,
  connectionSortOption,
  csvOptions,
  given,
  jsonOption,
  nameOption,
  pidOption,
  portOption,
  protocolOption,
  remoteOption,
  stateOption,
  topOption,
} from '../options.js';
import { endpointFields, withEndpoints } from '../output/endpoints.js';
import { writeRows, writeTable, type Format } from '../output/rows.js';
import { withNetFlow } from '../with-netflow.js';

interface ConnectionsArguments extends Pick<FilterArguments, 'pid' | 'name' | 'top'>, Format {
  remote?: string[] | undefined;
  port?: number[] | undefined;
  state?: string[] | undefined;
  protocol?: Connection['protocol'][] | undefined;
  sort?: keyof Connection | undefined;
}

/** `netflow connections`: a row for each socket of each process. */
export const connections: CommandModule<object, ConnectionsArguments> = {
  command: 'connections',
  describe: 'Show every connection, with its process and traffic',
  builder: (yargs) =>
    yargs
      .options({ pid: pidOption, name: nameOption, remote: remoteOption, port: portOption, state: stateOption })
      .options({
        protocol: protocolOption,
        sort: connectionSortOption,
        top: { ...topOption, describe: 'Only the first N' },
      })
      .options({ json: jsonOption, ...csvOptions })
      .epilog(`FIELD is one of ${connectionSortNames.join(', ')}.`)
      .epilog(`S is one of ${stateNames.join(', ')}.`)
      .epilog(`P is one of ${protocolNames.join(', ')}.`)
      .example('netflow connections --name sshd', 'Who is connected by SSH')
      .example('netflow connections --remote 10.0.0.0/8', 'What is connected to the company'),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const { pid, name, remote, port, state, protocol, sort, top } = argv;
      const filter = { pids: pid, names: name, remotes: remote, ports: port, states: state, protocols: protocol };
      const rows = await netflow.connections({ ...given({ ...filter, sort, top }), onMissingName: failMissingName });
      done();
      const none = 'there is no such connection';
      if (argv.json || argv.csv) await writeRows(rows, connectionFields, argv, none);
      else await writeTable(rows.map(withEndpoints), endpointFields, none);
    }),
};
