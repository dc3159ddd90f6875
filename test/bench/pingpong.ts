import { run } from '../support/commands.js';
import { clientPath } from './support/clients.js';

/** Round trips per second between two processes on the given CPUs, and per second of CPU time of both. */
export async function pingPong(seconds: number, first: number, second: number): Promise<readonly number[]> {
  const { stdout, stderr, code } = await run(clientPath('pingpong'), [seconds, first, second].map(String));
  if (code !== 0) throw new Error(stderr);
  const [trips = NaN, elapsed = NaN, cpu = NaN] = stdout.split(' ').map(Number);
  return [trips / elapsed, trips / cpu];
}
