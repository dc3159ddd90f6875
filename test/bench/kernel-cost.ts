import { run, sleep } from '../support/commands.js';
import type { Extent } from './support/extent.js';
import { duringTransfer, oneCore } from './iperf.js';
import { pingPong } from './pingpong.js';
import { clientPath } from './support/clients.js';
import { programCosts, setDriver, withStatistics, type ProgramCost } from './support/driver.js';
import { plain } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

/** What each of the driver's programs takes in the kernel. */
export async function reportKernelCost({ seconds }: Extent): Promise<Report[]> {
  setDriver(true);
  return withStatistics(async () => {
    const rows = [
      ...(await rowsDuring('64-byte ping-pong, one core', () => pingPong(2 * seconds, 0, 0))),
      ...(await duringTransfer(1, oneCore, () => rowsDuring('iperf3, 1 stream', () => sleep(2000 * seconds)))),
      // Each has its command line and unit noted by its first call.
      ...(await rowsDuring('200 processes that send once', () => run(clientPath('brief'), ['200', '1000']))),
    ];
    return [
      {
        title: "The driver's programs in the kernel",
        head: ['', 'ns per run', 'runs', 'of one core'],
        rows,
        notes: ["By the kernel's own statistics, which take about 50 ns of each run themselves."],
      },
    ];
  });
}

async function rowsDuring(what: string, work: () => Promise<unknown>): Promise<string[][]> {
  say(`${what}: the kernel's statistics`);
  const before = new Map(programCosts().map((cost) => [cost.name, cost]));
  const begin = performance.now();
  await work();
  const nanosecondsPassed = (performance.now() - begin) * 1e6;
  return programCosts()
    .map((cost) => since(before.get(cost.name), cost))
    .filter(({ runs }) => runs > 0)
    .map(({ name, nanoseconds, runs }) => [
      `${what}: ${name}`,
      plain(nanoseconds / runs),
      runs.toLocaleString('en'),
      `${((nanoseconds / nanosecondsPassed) * 100).toFixed(2)} %`,
    ]);
}

function since(before: ProgramCost | undefined, { name, nanoseconds, runs }: ProgramCost): ProgramCost {
  return { name, nanoseconds: nanoseconds - (before?.nanoseconds ?? 0), runs: runs - (before?.runs ?? 0) };
}
