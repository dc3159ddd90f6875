import { readFileSync } from 'node:fs';
import { hasProgram, run, sleep, start } from '../support/commands.js';
import type { Extent } from './support/extent.js';
import { clientPath, startClient } from './support/clients.js';
import { programCosts, setDriver, withStatistics } from './support/driver.js';
import { list } from '../system/support/netflow.js';
import { entry } from '../support/paths.js';
import { plain } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

const bytesPerSecond = 500_000_000;
const shortProcesses = 50;
const shortBytes = 10_000;
/** Both show a transfer's end within their next second. */
const settleMilliseconds = 2500;

/** NetFlow and nethogs on the same traffic at the same time. */
export async function reportNethogs({ seconds }: Extent): Promise<Report[]> {
  if (!hasProgram('nethogs')) {
    say('nethogs is not installed: left out');
    return [];
  }
  setDriver(true);
  return withStatistics(async () => {
    const peer = startNethogs();
    const watch = start(process.execPath, [entry, 'watch', '--json', '--interval', '1'], { stdio: 'ignore' });
    await sleep(settleMilliseconds);
    const rows = [...(await transferRows(peer, watch.pid ?? 0, 2 * seconds)), ...(await shortRows(peer))];
    watch.kill();
    peer.kill();
    return [
      {
        title: 'nethogs and NetFlow on the same transfer over loopback',
        head: ['', 'truth', 'nethogs', 'NetFlow'],
        rows,
        notes: [
          "On loopback nethogs sees every packet once, as its sender's; so it has no bytes received.",
          "The kernel's part of nethogs, which copies every packet to it, is in no process's CPU time.",
        ],
      },
    ];
  });
}

interface Nethogs {
  pid: number;
  /** Bytes of each process that it has named, by process id. */
  seen(): Map<number, { sent: number; received: number }>;
  kill(): void;
}

function startNethogs(): Nethogs {
  const child = start('nethogs', ['-a', '-t', '-v', '2', '-d', '1', 'lo'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    pid: child.pid ?? 0,
    seen: () => parse(output),
    kill: () => child.kill(),
  };
}

/** Lines are `PROGRAM/PID/UID<tab>SENT<tab>RECEIVED`; the last of a process counts. */
function parse(output: string): Map<number, { sent: number; received: number }> {
  const lines = output.matchAll(/\/(\d+)\/\d+\t([\d.e+]+)\t([\d.e+]+)$/gmu);
  return new Map(
    [...lines].map(([, pid, sent, received]) => [Number(pid), { sent: Number(sent), received: Number(received) }]),
  );
}

async function transferRows(peer: Nethogs, watch: number, seconds: number): Promise<string[][]> {
  say(`nethogs: a transfer of ${seconds} s`);
  const before = { peer: cpuSeconds(peer.pid), watch: cpuSeconds(watch), kernel: kernelSeconds() };
  const transfer = await startClient('transfer', bytesPerSecond * seconds, seconds);
  await sleep(settleMilliseconds);
  const after = { peer: cpuSeconds(peer.pid), watch: cpuSeconds(watch), kernel: kernelSeconds() };
  const [sender = 0, sent = 0, receiver = 0, received = 0] = transfer.line.split(' ').map(Number);
  const ours = await list();
  const theirs = peer.seen();
  await transfer.end();

  const upload = ours.find(({ processId }) => processId === sender)?.uploadBytes ?? 0;
  const download = ours.find(({ processId }) => processId === receiver)?.downloadBytes ?? 0;
  const cpu = (value: number) => `${value.toFixed(3)} s`;
  return [
    ['bytes sent', bytes(sent), share(theirs.get(sender)?.sent ?? 0, sent), share(upload, sent)],
    [
      'bytes received',
      bytes(received),
      share(theirs.get(receiver)?.received ?? 0, received),
      share(download, received),
    ],
    ['CPU time of the program', '', cpu(after.peer - before.peer), cpu(after.watch - before.watch)],
    ['CPU time of hooks in the kernel', '', '', cpu(after.kernel - before.kernel)],
  ];
}

async function shortRows(peer: Nethogs): Promise<string[][]> {
  say(`nethogs: ${shortProcesses} short-lived processes`);
  const { stdout } = await run(clientPath('brief'), [String(shortProcesses), String(shortBytes)]);
  await sleep(settleMilliseconds);
  const pids = stdout.split('\n').filter(Boolean).map(Number);
  const theirs = peer.seen();
  const ours = new Map((await list({ exited: true })).map((row) => [row.processId, row]));
  const named = pids.filter((pid) => ours.get(pid)?.path === clientPath('brief'));
  const exact = pids.filter((pid) => ours.get(pid)?.uploadBytes === shortBytes);
  return [
    ['short-lived processes named', ...[pids, pids.filter((pid) => theirs.has(pid)), named].map(countOf)],
    [
      'short-lived processes, bytes exact',
      ...[pids, pids.filter((pid) => theirs.get(pid)?.sent === shortBytes), exact].map(countOf),
    ],
  ];
}

function countOf(items: readonly unknown[]): string {
  return String(items.length);
}

function bytes(count: number): string {
  return count.toLocaleString('en');
}

function share(counted: number, truth: number): string {
  const difference = (counted / truth - 1) * 100;
  return `${bytes(counted)} (${counted === truth ? 'exact' : `${difference > 0 ? '+' : ''}${plain(difference)} %`})`;
}

/** User and system time of a process, in hundredths of a second in /proc. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function kernelSeconds(): number {
  return programCosts().reduce((sum, { nanoseconds }) => sum + nanoseconds, 0) / 1e9;
}
