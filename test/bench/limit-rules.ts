import { applyRules, MB, removeLimits } from '../system/support/limits.js';
import { pumpAs, runFlow } from '../system/support/pump.js';
import { programCosts, withStatistics } from './support/driver.js';
import { atMost } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

/** One of them limits downloads: while none does, receivers are not looked up. */
const few = 2;
const many = 1000;

/** How long rules take to set, and what a packet costs where there are few and where there are many. */
export async function* reportRules(): AsyncGenerator<Report> {
  const program = pumpAs('one-of-many');
  const rows: string[][] = [];
  for (const count of [few, many]) {
    say(`${count} rules`);
    const others = Array.from({ length: count - 1 }, (_, index) => [`/opt/many/${index}`, '1MB', '2MB'] as const);
    const start = performance.now();
    await applyRules([...others, [program, String(400 * MB), '']]);
    const milliseconds = performance.now() - start;
    const cost = await withStatistics(() => packetCost(program));
    rows.push([
      `${count} rules`,
      milliseconds.toFixed(0),
      count === many ? atMost(2000, milliseconds, 'ms') : '',
      cost,
    ]);
    await removeLimits();
  }
  yield {
    title: 'Many rules at once',
    head: ['', 'ms to apply', 'aim', 'ns a packet'],
    rows,
    notes: [
      'Applying is the whole of `netflow policy apply`. A packet is one on the egress of loopback, of a limited sender; the',
      "kernel's statistics, which this is by, take part of the time themselves.",
    ],
  };
}

/** Of the program that finds out whether a packet has to wait. */
async function packetCost(program: string): Promise<string> {
  const egress = () => programCosts().find(({ name }) => name === 'netflow_egress') ?? { nanoseconds: 0, runs: 0 };
  const before = egress();
  await runFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 3000 });
  const after = egress();
  return ((after.nanoseconds - before.nanoseconds) / (after.runs - before.runs)).toFixed(0);
}
