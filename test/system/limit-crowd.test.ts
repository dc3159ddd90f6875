import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onCleanUp } from '../support/cleanup.js';
import { ended, sleep, start, until } from '../support/commands.js';
import { KB, limit, MB, withoutLimits } from './support/limits.js';
import { highestRate, now, pumpAs, rateBetween, runFlow, startFlow, untilEnded } from './support/pump.js';

/** How many begin at once. */
const crowd = 150;
const settledMs = 500;

/** Both in bytes per second; a busy machine makes seconds uneven. */
function assertReached(actual: number, rate: number): void {
  assert.ok(Math.abs(actual / rate - 1) < 0.15, `reached ${actual} of ${rate}`);
}

/** Takes connections, and counts what comes over each, by the port of its other end. */
async function countingServer(): Promise<{ port: number; received: Map<number, number> }> {
  const received = new Map<number, number>();
  const server = createServer((socket) => {
    const { remotePort = 0 } = socket;
    socket.on('data', ({ length }) => received.set(remotePort, (received.get(remotePort) ?? 0) + length));
  });
  server.listen(0, '127.0.0.1');
  onCleanUp(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received };
}

describe('many processes of one path, each with a limit for itself', function () {
  this.timeout(120_000);

  withoutLimits();

  it('do not wait for connections that are older than their limit and have filled their queues', async () => {
    const [rate, program] = [300 * KB, pumpAs('older')];
    const running = { programs: { send: program }, warmUpMs: 0 };
    const older = await Promise.all([1, 2].map(() => startFlow({ ...running, ...untilEnded })));
    await sleep(300);
    await limit('--path', program, '--upload', rate);
    const begin = now() + settledMs;
    const newer = await runFlow({ ...running, measureMs: 4000 });
    for (const { receive } of [...(await Promise.all(older.map(({ end }) => end()))), newer]) {
      assertReached(rateBetween(receive, begin, begin + 3000), rate);
    }
  });

  it('have no more than their limit where they begin at once: in ten seconds 2 %', async () => {
    const [rate, program] = [MB, pumpAs('together')];
    await limit('--path', program, '--upload', rate);
    const running = { programs: { send: program }, warmUpMs: 0, measureMs: 4000 };
    const flows = await Promise.all(Array.from({ length: 4 }, () => runFlow(running)));
    for (const { receive } of flows) {
      const highest = highestRate(receive, 3000) / rate;
      assert.ok(highest <= 1 + (0.02 * 10) / 3, `in three seconds ${highest}`);
    }
  });

  it('do not wait for each other where they begin at once, nor for what others left when they ended', async () => {
    const [rate, program] = [100 * KB, pumpAs('crowd')];
    await limit('--path', program, '--upload', rate);
    const { port, received } = await countingServer();
    const send = ['send', '127.0.0.1', 'tcp', '1', '0', '60000', String(port)];
    const senders = Array.from({ length: crowd }, () => start(program, send, { stdio: 'ignore' }));
    await until('all of them send', () => received.size === crowd);
    await sleep(1000);
    const [before, begin] = [new Map(received), now()];
    await sleep(1500);
    const seconds = (now() - begin) / 1000;
    for (const sender of senders) sender.kill('SIGTERM');
    for (const [from, bytes] of received) assertReached((bytes - (before.get(from) ?? 0)) / seconds, rate);

    await Promise.all(senders.map(ended));
    const next = await runFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 2500 });
    const first = next.receive.samples[0]?.[0] ?? 0;
    assertReached(rateBetween(next.receive, first + settledMs, first + 2000), rate);
  });
});
