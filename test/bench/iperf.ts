import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { run, sleep, start } from '../system/support/commands.js';
import { say } from './support/progress.js';

const port = '15201';
const attempts = 3;

interface IperfResult {
  error?: string;
  end: {
    sum_received?: { bits_per_second: number };
    cpu_utilization_percent?: { host_total: number; remote_total: number };
  };
}

/** Gbit/s that iperf3 gets through loopback, and Gbit for each second of CPU time of both its ends. */
export async function iperf(streams: number, seconds: number): Promise<readonly number[]> {
  for (let attempt = 1; ; attempt++) {
    const { error, end } = await transfer(streams, seconds);
    if (end.sum_received && end.cpu_utilization_percent) {
      const gigabits = end.sum_received.bits_per_second / 1e9;
      const { host_total: client, remote_total: server } = end.cpu_utilization_percent;
      return [gigabits, gigabits / ((client + server) / 100)];
    }
    if (attempt === attempts) throw new Error(`iperf3 failed: ${error ?? 'it gave no result'}`);
    say(`iperf3 failed (${error ?? 'it gave no result'}), once more`);
  }
}

async function transfer(streams: number, seconds: number): Promise<IperfResult> {
  const args = ['--server', '--one-off', '--forceflush', '--bind', '127.0.0.1', '--port', port];
  const server = start('iperf3', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(server, 'exit');
  try {
    if (server.stdout) await Promise.race([once(server.stdout, 'data'), gone]); // it says that it listens
    server.stdout?.resume();
    const { stdout } = await run('iperf3', clientArguments(streams, seconds));
    const result = JSON.parse(stdout) as IperfResult;
    if (result.error === undefined) await Promise.race([gone, sleep(1000)]); // it ends by itself
    return result;
  } finally {
    server.kill();
    await gone;
  }
}

/** Each end has a core of its own, or the scheduler's choice would be most of what is measured. */
function clientArguments(streams: number, seconds: number): string[] {
  const cores = availableParallelism() > 1 ? ['--affinity', '0,1'] : [];
  const amount = ['--parallel', String(streams), '--time', String(seconds)];
  return ['--client', '127.0.0.1', '--port', port, '--json', ...amount, ...cores];
}
