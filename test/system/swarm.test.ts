import assert from 'node:assert/strict';
import { NetFlow } from '../../core/index.js';
import { clientPath } from './support/clients.js';
import { kernelMemory } from './support/kernel.js';
import { asRoot, list, measure } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { sum } from './support/traffic.js';

const processes = 100_000;
const bytes = 101;
/** As many as fill the table of ended processes; afterwards the memory must not grow any more. */
const warmUp = 10_000;

describe('a hundred thousand short processes in a row', function () {
  this.timeout(120_000);

  asRoot();

  it('lose no byte and need no more memory', async () => {
    const sink = new Peer('datagram');
    const { port = 0 } = await sink.do('bind', '127.0.0.1');
    const swarm = (count: number) => measure(clientPath('swarm'), count, bytes, '127.0.0.1', port);
    await swarm(warmUp);

    const memoryBefore = kernelMemory();
    const before = await totalsWithoutOthers();
    const measured = await swarm(processes);
    const after = await totalsWithoutOthers();

    assert.equal(measured.exitCode, 0);
    assert.equal(measured.uploadBytes, processes * bytes);
    assert.equal(measured.downloadBytes, 0);
    assert.ok(measured.processes >= processes, `${measured.processes} processes`);
    assert.equal(after - before, processes * bytes);
    assert.ok(kernelMemory() <= memoryBefore + 256 * 1024, `${memoryBefore} bytes became ${kernelMemory()}`);
    await sink.end();
  });
});

/** The upload of all processes since the driver started, without what others than the swarm have sent. */
async function totalsWithoutOthers(): Promise<number> {
  const netflow = await NetFlow.open();
  const { totals } = await netflow.snapshot();
  const others = (await list({ exited: true })).filter(({ processName }) => processName !== 'swarm');
  await netflow[Symbol.asyncDispose]();
  return totals.uploadBytes - sum(others).upload;
}
