import { parseArgs } from 'node:util';
import { parseRate } from '../../core/index.js';
import { cleanUp } from '../support/cleanup.js';
import { buildClients } from '../system/support/clients.js';
import { sleep } from '../support/commands.js';
import { isRoot } from '../support/machine.js';
import { KB, MB, startWithoutLimits } from '../system/support/limits.js';
import { farNetwork, loopback, reportCeilings, vethPair } from './limit-ceilings.js';
import { reportNamespaces } from './limit-namespaces.js';
import { reportRules } from './limit-rules.js';
import { reportUnlimited } from './limit-unlimited.js';
import { keepDriver } from './support/driver.js';
import type { LimitExtent } from './support/extent.js';
import { enter } from './support/progress.js';
import { print, type Report } from './support/report.js';

/** Bytes per second. */
const rates = [100 * KB, MB, 10 * MB, 100 * MB];
const full: LimitExtent = { seconds: 10, connections: [1, 8, 64], pairs: 12, rates };
const quick: LimitExtent = { seconds: 3, connections: [8], pairs: 4, rates };

const parts: Record<string, (extent: LimitExtent) => AsyncIterable<Report>> = {
  loopback: (extent) => reportCeilings(loopback(), extent),
  veth: (extent) => reportCeilings(vethPair(), extent),
  far: async function* (extent) {
    yield* reportCeilings(await farNetwork(), extent);
  },
  unlimited: reportUnlimited,
  rules: reportRules,
  namespaces: reportNamespaces,
};

/** How well limits hold, what they cost, and what tc would do: one table for each part. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true, default: Object.keys(parts) },
      rate: { type: 'string', multiple: true },
    },
  });
  const unknown = values.only.find((name) => !(name in parts));
  if (unknown !== undefined) throw new Error(`no part is called ${unknown}; they are ${Object.keys(parts).join(', ')}`);
  if (!isRoot()) throw new Error('limits take root');
  const extent = {
    ...(values.quick ? quick : full),
    ...(values.rate && { rates: values.rate.map((rate) => parseRate(rate) ?? Infinity) }),
  };
  buildClients();
  keepDriver();
  await startWithoutLimits();
  for (const [index, name] of values.only.entries()) {
    enter(`[${index + 1}/${values.only.length}]`);
    for await (const report of parts[name]?.(extent) ?? []) print(report);
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
