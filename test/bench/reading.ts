import { fileURLToPath } from 'node:url';
import { runNow } from '../support/commands.js';
import type { Extent } from './support/extent.js';
import { startClient } from './support/clients.js';
import { mapBytes, setDriver } from './support/driver.js';
import { atMost, median, plain } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

const processes = 10_000;
const connections = 50_000;
const reader = fileURLToPath(new URL('reader.js', import.meta.url));
const bareMemory = 'process.stdout.write(String(process.resourceUsage().maxRSS / 1024))';

type Call = 'list' | 'connections';

/** What reader.ts says. */
interface Reading {
  milliseconds: Record<Call, number[]>;
  rows: Record<Call, number>;
  residentMegabytes: number;
}

/** How long the library takes to read very many processes and connections, and how much memory. */
export async function reportReading({ runs }: Extent): Promise<Report[]> {
  setDriver(true);
  say(`reading: starting ${processes} processes with ${connections} connections`);
  const crowd = await startClient('crowd', processes);
  const sockets = await startClient('sockets', (connections - processes) / 2);
  const fresh = { list: [] as Reading[], connections: [] as Reading[] };
  for (let run = 0; run < runs; run++) {
    if (run % 5 === 0) say(`reading: round ${run + 1} of ${runs}`);
    fresh.list.push(read('list', 1));
    fresh.connections.push(read('connections', 1));
    await new Promise(setImmediate); // lets a signal through
  }
  const repeated = read('list', runs);
  const described = mapBytes('descriptions') / 2 ** 20;
  await Promise.all([crowd.end(), sockets.end()]);
  return [toReport(fresh, repeated, described)];
}

function read(first: Call, times: number): Reading {
  return JSON.parse(runNow(process.execPath, reader, first, String(times))) as Reading;
}

function toReport(fresh: Record<Call, Reading[]>, repeated: Reading, described: number): Report {
  const count = (call: Call) => repeated.rows[call].toLocaleString('en');
  const first = (call: Call) => median(fresh[call].flatMap(({ milliseconds }) => milliseconds[call]));
  const row = (call: Call, aim: string) => {
    const later = median(repeated.milliseconds[call].slice(1));
    return [`${call}()`, `${plain(first(call))} ms`, `${plain(later)} ms`, aim];
  };
  const resident = median([...fresh.list, ...fresh.connections].map(({ residentMegabytes }) => residentMegabytes));
  return {
    title: `${count('list')} processes and ${count('connections')} connections read through the library`,
    head: ['', 'first call', 'later calls', 'aim, first call'],
    rows: [
      row('list', ''),
      row('connections', atMost(100, first('connections'), 'ms')),
      [
        'peak resident memory',
        `${plain(resident)} MB`,
        `${plain(repeated.residentMegabytes)} MB`,
        atMost(120, resident, 'MB'),
      ],
    ],
    notes: [
      `Medians of ${fresh.list.length} programs that make each call first, then of ${fresh.list.length} calls of one program.`,
      `The kernel has ${plain(described)} MB for what it keeps of their command lines and units.`,
      `Node.js alone has ${plain(Number(runNow(process.execPath, '--eval', bareMemory)))} MB.`,
    ],
  };
}
