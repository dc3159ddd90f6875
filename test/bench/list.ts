import { spawnSync } from 'node:child_process';
import type { Extent } from './support/extent.js';
import { startClient } from './support/clients.js';
import { setDriver } from './support/driver.js';
import { entry } from '../support/paths.js';
import { atMost, compare, median, plain, ratioText, spreadText } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

const pairs = 5000;

/** Milliseconds; node -e 0 is to take so many of them, and what lies beyond is NetFlow's own on any machine. */
const totalAim = 100;
const nodeAim = 45;

/** Costs every start of Node.js 40 ms on a machine that has it, whatever then runs. */
const extraCertificates = 'NODE_EXTRA_CA_CERTS';

/** How long `netflow list` takes from its start to its end, beside what ss takes. */
export async function reportList({ runs }: Extent): Promise<Report[]> {
  setDriver(true);
  const idle = await rowOf('few connections', runs);
  const sockets = await startClient('sockets', pairs);
  const busy = await rowOf(`${(2 * pairs).toLocaleString('en')} connections`, runs);
  await sockets.end();
  return [
    {
      title: 'One snapshot, from the start of the program to its end',
      head: ['', 'node -e 0', 'ss -tinp', 'netflow list --json', 'list : ss', 'aim', 'beyond node', 'aim', 'spread'],
      rows: [idle, busy],
      notes: [
        `Medians of ${runs} rounds; in each, the three ran one after the other.`,
        `Without ${extraCertificates}: where that is set, Node.js reads certificates before anything else.`,
      ],
    },
  ];
}

async function rowOf(what: string, runs: number): Promise<string[]> {
  const times = { node: [] as number[], ss: [] as number[], list: [] as number[] };
  for (let run = 0; run < runs; run++) {
    if (run % 5 === 0) say(`list, ${what}: round ${run + 1} of ${runs}`);
    times.node.push(elapsed(process.execPath, '-e', '0'));
    times.ss.push(elapsed('ss', '-tinp'));
    times.list.push(elapsed(process.execPath, entry, 'list', '--json'));
    await new Promise(setImmediate); // lets a signal through
  }
  const own = median(times.list.map((time, index) => time - (times.node[index] ?? NaN)));
  const toPeer = compare(times.ss, times.list);
  const milliseconds = (value: number) => `${plain(value)} ms`;
  return [
    what,
    milliseconds(median(times.node)),
    milliseconds(toPeer.first),
    milliseconds(toPeer.second),
    ratioText(toPeer.ratio),
    atMost(totalAim, toPeer.second, 'ms'),
    milliseconds(own),
    atMost(totalAim - nodeAim, own, 'ms'),
    spreadText(toPeer),
  ];
}

/** Milliseconds that a program runs, its output read to the end. */
function elapsed(program: string, ...args: readonly string[]): number {
  const { [extraCertificates]: _, ...env } = process.env;
  const begin = performance.now();
  const { status, error, stderr } = spawnSync(program, args, { maxBuffer: 1 << 28, env });
  const end = performance.now();
  if (status !== 0) throw error ?? new Error(`${program} failed: ${stderr.toString()}`);
  return end - begin;
}
