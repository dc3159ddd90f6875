import assert from 'node:assert/strict';
import { sleep } from '../support/commands.js';
import { asRoot, list } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { type Event, fittingEnds, type Speeds } from './support/seconds.js';

describe('speed is the bytes of the last whole second', () => {
  asRoot();

  for (const flow of ['steady', 'bursty']) {
    it(`of a ${flow} flow, in both directions, to the byte`, async () => {
      const peer = new Peer('paced');
      await peer.do('start', flow);
      await sleep(2200);
      const readings: Speeds[] = [];
      for (let count = 0; count < 12; count++) {
        readings.push(await speedsOf(peer.pid));
        await sleep(150);
      }
      const { events } = await peer.ask<{ events: Event[] }>('log');
      assert.ok(readings.some(({ up }) => up > 0));
      assert.notEqual(fittingEnds(events, readings).length, 0, describeMisfit(events, readings));
      await peer.do('stop');
      await peer.end();
    });
  }

  it('and 0 when a flow has stopped, while its bytes remain', async () => {
    const peer = new Peer('paced');
    await peer.do('start', 'steady');
    await sleep(1100);
    await peer.do('stop');
    await sleep(2100);
    const { sent, received } = await peer.do('log');
    const [row] = await list({ pids: [peer.pid] });
    const { uploadBytes, downloadBytes, uploadSpeed, downloadSpeed } = row ?? {};
    assert.deepEqual(
      { uploadBytes, downloadBytes, uploadSpeed, downloadSpeed },
      { uploadBytes: sent, downloadBytes: received, uploadSpeed: 0, downloadSpeed: 0 },
    );
    await peer.end();
  });
});

async function speedsOf(pid: number): Promise<Speeds> {
  const from = now();
  const [row] = await list({ pids: [pid] });
  return { from, to: now(), up: row?.uploadSpeed ?? -1, down: row?.downloadSpeed ?? -1 };
}

/** Microseconds of CLOCK_MONOTONIC, the clock that the client notes its events by. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function describeMisfit(events: readonly Event[], readings: readonly Speeds[]): string {
  const each = readings.map(
    (reading) => `${reading.up} up, ${reading.down} down: ${fittingEnds(events, [reading]).length} fits`,
  );
  return `no way to cut the flow into seconds gives these speeds: ${each.join('; ')}`;
}
