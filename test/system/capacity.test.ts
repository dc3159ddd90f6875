import assert from 'node:assert/strict';
import { asRoot, driverStatus, list, startDriver } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { type Traffic, trafficOf } from './support/traffic.js';

const capacity = 16;
const processes = 40;
/** Traffic of others on this machine may have no room either; one round without any is enough. */
const rounds = 5;

describe('a full table of processes', () => {
  const senders: Peer[] = [];
  let port = 0;

  asRoot(async () => {
    await startDriver('--max-processes', capacity);
    port = (await new Peer('datagram').do('bind', '127.0.0.1')).port ?? 0;
    for (let index = 0; index < processes; index++) senders.push(new Peer('datagram'));
    await Promise.all(senders.map((sender) => sender.do('connect', '127.0.0.1', port)));
  });

  it('says how many bytes have no process, and loses none', async () => {
    for (const [index, sender] of senders.entries()) await sender.do('send', 'send', 1, 1000 + index);
    const { lostEvents } = await driverStatus();
    assert.ok(lostEvents > 0);
    let least = Infinity;
    for (let round = 0; round < rounds && least !== 0; round++) {
      const surplus = await unexplainedBytes();
      assert.ok(surplus >= 0, `${-surplus} bytes are neither with a process nor without`);
      least = Math.min(least, surplus);
    }
    assert.equal(least, 0);
  });

  it('has room for a new process once others have ended', async () => {
    for (const sender of senders.splice(0)) await sender.end();
    const late = new Peer('datagram');
    await late.do('connect', '127.0.0.1', port);
    await late.do('send', 'send', 1, 777);
    assert.deepEqual(trafficOf(await list(), late.pid), { upload: 777, download: 0 });
    await late.end();
  });

  /** Has each send once more; returns how many more bytes NetFlow counted for them than they had sent. */
  async function unexplainedBytes(): Promise<number> {
    const before = await read();
    const sentBefore = sentByAll();
    for (const [index, sender] of senders.entries()) await sender.do('send', 'send', 1, 2000 + index);
    const after = await read();
    assert.ok(after.without > before.without);
    assert.ok(after.withProcess.upload > before.withProcess.upload);
    const counted = after.without - before.without + after.withProcess.upload - before.withProcess.upload;
    return counted - (sentByAll() - sentBefore);
  }

  async function read(): Promise<{ without: number; withProcess: Traffic }> {
    const rows = await list();
    const each = senders.map(({ pid }) => trafficOf(rows, pid));
    const withProcess = { upload: each.reduce((bytes, { upload }) => bytes + upload, 0), download: 0 };
    return { without: (await driverStatus()).unattributedBytes, withProcess };
  }

  function sentByAll(): number {
    return senders.reduce((bytes, { counts }) => bytes + counts.sent, 0);
  }
});
