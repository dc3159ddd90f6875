import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ended, sleep, start } from '../support/commands.js';

const port = '15201';
/** As long as iperf3 allows; it is ended when all has been measured. */
const longest = '86400';
/** Until windows and the scheduler have settled, and after each change. */
const settleMs = 1000;
const ticksPerSecond = 100;

/** On which CPU the sender runs, and on which the receiver: the scheduler's choice would be most of what is measured. */
export interface Cores {
  name: string;
  cpus: readonly [number, number];
}

export const oneCore: Cores = { name: 'one core', cpus: [0, 0] };
const twoCores: Cores = { name: 'two cores', cpus: [0, 1] };
export const everyCores = availableParallelism() > 1 ? [oneCore, twoCores] : [oneCore];

/** What is compared without and with a change. */
export const everyTransfer = everyCores.flatMap((cores) =>
  [1, 8].map((streams) => ({
    name: `iperf3, ${streams} ${streams === 1 ? 'stream' : 'streams'}, ${cores.name}`,
    streams,
    cores,
  })),
);
export const transferFigures = ['Gbit/s', 'Gbit per CPU second'] as const;

export interface Transfer {
  /** Gbit/s through loopback, and Gbit for each second of CPU time of both ends; after a moment for what was changed before. */
  measure: (seconds: number) => Promise<readonly number[]>;
}

/** Has iperf3 send through loopback for as long as the work takes. */
export async function duringTransfer<Result>(
  streams: number,
  { cpus }: Cores,
  work: (transfer: Transfer) => Promise<Result>,
): Promise<Result> {
  const listen = ['--server', '--one-off', '--forceflush', '--bind', '127.0.0.1', '--port', port];
  const server = start('iperf3', listen, { stdio: ['ignore', 'pipe', 'ignore'] });
  if (server.stdout) await Promise.race([once(server.stdout, 'data'), ended(server)]); // it says that it listens
  server.stdout?.resume();
  const send = ['--client', '127.0.0.1', '--port', port, '--parallel', String(streams), '--time', longest];
  const client = start('iperf3', [...send, '--affinity', cpus.join(',')], { stdio: 'ignore' });
  const ends = [client, server];
  const measure = async (seconds: number): Promise<readonly number[]> => {
    await sleep(settleMs);
    const before = look(ends.map(({ pid }) => pid ?? 0));
    await sleep(seconds * 1000);
    if (ends.some(({ exitCode }) => exitCode !== null)) throw new Error('iperf3 ended early');
    const after = look(ends.map(({ pid }) => pid ?? 0));
    const gigabits = ((after.bytes - before.bytes) * 8) / 1e9;
    return [gigabits / (after.seconds - before.seconds), gigabits / (after.cpuSeconds - before.cpuSeconds)];
  };
  try {
    return await work({ measure });
  } finally {
    for (const end of ends) {
      end.kill();
      await ended(end);
    }
  }
}

/** What the kernel has counted on loopback so far, and how long these processes have run. */
function look(processIds: readonly number[]): { bytes: number; seconds: number; cpuSeconds: number } {
  const [, bytes] = /^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8')) ?? [];
  const cpuSeconds = processIds.map(cpuSecondsOf).reduce((sum, each) => sum + each, 0);
  return { bytes: Number(bytes), seconds: performance.now() / 1000, cpuSeconds };
}

function cpuSecondsOf(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
