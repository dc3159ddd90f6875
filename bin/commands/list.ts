import type { CommandModule } from 'yargs';
import {
  failMissingName,
  filterOf,
  filterOptions,
  isBrief,
  shownFields,
  type FilterArguments,
} from '../filter-arguments.js';
import { csvOptions, jsonOption, sortNames } from '../options.js';
import { writeRows, type Format } from '../output/rows.js';
import { withUsedLimits } from '../output/used-limits.js';
import { withNetFlow } from '../with-netflow.js';

/** `netflow list`: a snapshot. */
export const list: CommandModule<object, FilterArguments & Format> = {
  command: 'list',
  describe: 'Show every process with sockets or traffic',
  builder: (yargs) =>
    yargs
      .options({ ...filterOptions, json: jsonOption, ...csvOptions })
      .epilog(`FIELD is one of ${sortNames.join(', ')}.`)
      .example('netflow list --top 10', 'The ten processes that transferred most')
      .example('netflow list --name "chrom*" --json', 'For a script')
      .example('netflow list --wide | less -S', 'With whole command lines'),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const rows = await netflow.list({ ...filterOf(argv), brief: isBrief(argv), onMissingName: failMissingName });
      done();
      await writeRows(
        rows,
        withUsedLimits(shownFields(argv), rows),
        argv,
        'none of these processes has sockets or traffic',
      );
    }),
};
