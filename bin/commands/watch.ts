import type { CommandModule } from 'yargs';
import { timedFields, type NetFlow, type TimedTraffic, type TrafficSnapshot } from '../../core/index.js';
import { filterOf, filterOptions, isBrief, shownFields, timesOf, type WatchArguments } from '../filter-arguments.js';
import { countOption, csvOptions, intervalOption, jsonOption, sortNames } from '../options.js';
import { csvHeader, csvLine } from '../output/csv.js';
import { jsonLine } from '../output/json.js';
import { csvReader, tableForOutput } from '../output/rows.js';
import { untilInterrupted } from '../output/signals.js';
import { obeysCodes } from '../output/terminal.js';
import { totalsLines } from '../output/totals.js';
import { withUsedLimits } from '../output/used-limits.js';
import { writeLines } from '../output/write.js';
import { withNetFlow } from '../with-netflow.js';

/** `netflow watch`: a live table on a terminal, otherwise a record for each process and reading. */
export const watch: CommandModule<object, WatchArguments> = {
  command: 'watch',
  describe: 'Show the traffic of every process, again and again',
  builder: (yargs) =>
    yargs
      .options({ ...filterOptions, interval: intervalOption, count: countOption, json: jsonOption, ...csvOptions })
      .epilog(`FIELD is one of ${sortNames.join(', ')}.`)
      .example('netflow watch', 'The live table; ? shows its keys')
      .example('netflow watch --interval 60 --csv >> traffic.csv', 'A record a minute'),
  handler: async (argv) => {
    if (obeysCodes(process.stdout) && !argv.json && !argv.csv) {
      const { watchLive } = await import('../output/live/live.js');
      await withNetFlow((netflow, done, divert) => watchLive(netflow, argv, done, divert));
    } else {
      await withNetFlow((netflow, done) => writeReadings(netflow, argv, done));
    }
  },
};

async function writeReadings(netflow: NetFlow, argv: WatchArguments, done: () => void): Promise<void> {
  if (argv.csv) await writeLines([csvHeader(timedFields, csvReader(argv))]);
  await untilInterrupted(async (signal) => {
    for await (const snapshot of netflow.watch({ ...filterOf(argv), ...timesOf(argv), brief: isBrief(argv), signal })) {
      done();
      await writeLines(await readingLines(snapshot, argv));
      if (signal.aborted) return;
    }
  });
}

const timedNames = timedFields.map(({ name }) => name);

async function readingLines(snapshot: TrafficSnapshot, argv: WatchArguments): Promise<Iterable<string>> {
  const timed = snapshot.processes.map((row): TimedTraffic => ({ time: snapshot.time, ...row }));
  if (argv.json) return timed.map((row) => jsonLine(row, timedNames));
  if (argv.csv) return timed.map((row) => csvLine(row, timedFields, csvReader(argv)));
  const { processes } = snapshot;
  const fields = withUsedLimits(shownFields(argv), processes);
  const count = `${processes.length} ${processes.length === 1 ? 'process' : 'processes'}`;
  return [...totalsLines(snapshot, processes, count), ...(await tableForOutput(processes, fields)), ''];
}
