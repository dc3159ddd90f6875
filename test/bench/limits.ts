import { parseArgs } from 'node:util';
import { parseRate } from '../../core/index.js';
import { buildClients } from '../system/support/clients.js';
import { isRoot } from '../support/machine.js';
import { KB, MB, startWithoutLimits } from '../system/support/limits.js';
import { farNetwork, loopback, reportCeilings, vethPair } from './limit-ceilings.js';
import { reportNamespaces } from './limit-namespaces.js';
import { reportRules } from './limit-rules.js';
import { reportUnlimited } from './limit-unlimited.js';
import { keepDriver } from './support/driver.js';
import type { LimitExtent } from './support/extent.js';
import { printParts, runBenchmark } from './support/report.js';

/** Bytes per second. */
const rates = [100 * KB, MB, 10 * MB, 100 * MB];
const full: LimitExtent = { seconds: 10, connections: [1, 8, 64], pairs: 12, rates };
const quick: LimitExtent = { seconds: 3, connections: [8], pairs: 4, rates };

/** How well limits hold, what they cost, and what tc would do: one table for each part. */
async function main(): Promise<void> {
  const several = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: several, rate: several } });
  if (!isRoot()) throw new Error('limits take root');
  const extent = {
    ...(values.quick ? quick : full),
    ...(values.rate && { rates: values.rate.map((rate) => parseRate(rate) ?? Infinity) }),
  };
  buildClients();
  keepDriver();
  await startWithoutLimits();
  await printParts(
    {
      loopback: () => reportCeilings(loopback(), extent),
      veth: () => reportCeilings(vethPair(), extent),
      far: async function* () {
        yield* reportCeilings(await farNetwork(), extent);
      },
      unlimited: () => reportUnlimited(extent),
      rules: reportRules,
      namespaces: () => reportNamespaces(extent),
    },
    values.only,
  );
}

await runBenchmark(main);
