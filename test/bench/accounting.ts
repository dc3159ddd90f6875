import { parseArgs } from 'node:util';
import { isRoot } from '../support/machine.js';
import { reportKernelCost } from './kernel-cost.js';
import { reportList } from './list.js';
import { reportNethogs } from './nethogs.js';
import { reportReading } from './reading.js';
import { buildClients } from './support/clients.js';
import { keepDriver } from './support/driver.js';
import type { Extent } from './support/extent.js';
import { printParts, runBenchmark } from './support/report.js';
import { reportThroughput } from './throughput.js';

const full: Extent = { pairs: 12, seconds: 2, runs: 20 };
const quick: Extent = { pairs: 3, seconds: 1, runs: 5 };

/** What the accounting costs, and what others would cost: one table for each part. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true } } });
  if (!isRoot()) throw new Error('loading the driver requires root');
  const extent = values.quick ? quick : full;
  buildClients();
  keepDriver();
  await printParts(
    {
      throughput: () => reportThroughput(extent),
      kernel: () => reportKernelCost(extent),
      nethogs: () => reportNethogs(extent),
      list: () => reportList(extent),
      reading: () => reportReading(extent),
    },
    values.only,
  );
}

await runBenchmark(main);
