import { parseArgs } from 'node:util';
import { cleanUp } from '../support/cleanup.js';
import { sleep } from '../support/commands.js';
import { isRoot } from '../support/machine.js';
import { reportKernelCost } from './kernel-cost.js';
import { reportList } from './list.js';
import { reportNethogs } from './nethogs.js';
import { reportReading } from './reading.js';
import { buildClients } from './support/clients.js';
import { keepDriver } from './support/driver.js';
import type { Extent } from './support/extent.js';
import { enter } from './support/progress.js';
import { print, type Report } from './support/report.js';
import { reportThroughput } from './throughput.js';

const full: Extent = { pairs: 12, seconds: 2, runs: 20 };
const quick: Extent = { pairs: 3, seconds: 1, runs: 5 };

const parts: Record<string, (extent: Extent) => Promise<Report[]>> = {
  throughput: reportThroughput,
  kernel: reportKernelCost,
  nethogs: reportNethogs,
  list: reportList,
  reading: reportReading,
};

/** What the accounting costs, and what others would cost: one table for each part. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true, default: Object.keys(parts) } },
  });
  const unknown = values.only.find((name) => !(name in parts));
  if (unknown !== undefined) throw new Error(`no part is called ${unknown}; they are ${Object.keys(parts).join(', ')}`);
  if (!isRoot()) throw new Error('loading the driver requires root');
  buildClients();
  keepDriver();
  for (const [index, name] of values.only.entries()) {
    enter(`[${index + 1}/${values.only.length}]`);
    for (const report of (await parts[name]?.(values.quick ? quick : full)) ?? []) print(report);
  }
}

try {
  await main();
} catch (error) {
  await sleep(20); // after Ctrl+C what was run has failed, and the signal is about to end this program
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
