import { runNow } from '../support/commands.js';
import { duringTransfer, everyTransfer, transferFigures } from './iperf.js';
import type { LimitExtent } from './support/extent.js';
import { entry } from '../support/paths.js';
import { comparisonRow } from './support/numbers.js';
import { inPairs } from './support/pairs.js';
import type { Report } from './support/report.js';

const aim = 0.99;
const seconds = 2;
const somebodyElse = '/opt/netflow/somebody-else';

/** What limits for others cost a process that has none: a driver without rules, and one with a rule for another path. */
export async function* reportUnlimited({ pairs }: LimitExtent): AsyncGenerator<Report> {
  const rows: string[][] = [];
  for (const { name, streams, cores } of everyTransfer) {
    const { comparisons } = await duringTransfer(streams, cores, ({ measure }) =>
      inPairs(name, pairs, () => measure(seconds), setRule),
    );
    rows.push(...comparisons.map((each, index) => comparisonRow(`${name}: ${transferFigures[index]}`, aim, each)));
  }
  setRule(false);
  yield {
    title: 'Unlimited traffic over loopback, without a rule and with one for another path',
    head: ['', 'no rule', 'a rule', 'ratio', 'aim', 'spread'],
    rows,
    notes: [`Medians of ${pairs} pairs of ${seconds} s within one transfer, taken in turns.`],
  };
}

function setRule(there: boolean): void {
  const target = ['--path', somebodyElse];
  const rates = ['--upload', '1MB', '--download', '1MB'];
  if (there) runNow(process.execPath, entry, 'limit', 'set', ...target, ...rates);
  else runNow(process.execPath, entry, 'limit', 'remove', '--all');
}
