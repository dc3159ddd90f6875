import type { CommandModule } from 'yargs';
import { processFields, type ProcessFilter, type ProcessTraffic } from '../../core/index.js';
import {
  csvOption,
  exitedOption,
  given,
  jsonOption,
  nameOption,
  pidOption,
  sortOption,
  topOption,
} from '../options.js';
import { writeRows } from '../output/rows.js';
import { withUsedLimits } from '../output/used-limits.js';
import { withNetFlow } from '../session.js';

/** What `list` and `watch` choose and order processes by. */
export interface FilterArguments {
  pid?: number[] | undefined;
  name?: string[] | undefined;
  sort?: keyof ProcessTraffic | undefined;
  top?: number | undefined;
  exited?: boolean | undefined;
}

export const filterOptions = {
  pid: pidOption,
  name: nameOption,
  sort: sortOption,
  top: topOption,
  exited: exitedOption,
} as const;

interface ListArguments extends FilterArguments {
  json?: boolean | undefined;
  csv?: boolean | undefined;
}

/** `netflow list`: one snapshot. */
export const list: CommandModule<object, ListArguments> = {
  command: 'list',
  describe: 'Show every process with sockets or traffic',
  builder: (yargs) =>
    yargs
      .options({ ...filterOptions, json: jsonOption, csv: csvOption })
      .example('netflow list --top 10', 'The ten processes that transferred most')
      .example('netflow list --name "chrom*" --json', 'For a script'),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const rows = await netflow.list(filterOf(argv));
      done();
      await writeRows(rows, withUsedLimits(shownFields(argv), rows), argv);
    }),
};

/** The arguments as core takes them. */
export function filterOf({ pid, name, sort, top, exited }: FilterArguments): ProcessFilter {
  return given({ pids: pid, names: name, sort, top, exited });
}

/** The fields; a table says who has ended only where that was asked for. */
export function shownFields({ exited }: FilterArguments): typeof processFields {
  return processFields.map((field) => (field.name === 'exited' ? { ...field, table: exited === true } : field));
}
