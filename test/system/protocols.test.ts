import assert from 'node:assert/strict';
import { assertCounted, assertCountedAtEnd, truthOf } from './support/exchange.js';
import { asRoot, connections, list, netflow } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { trafficOf } from './support/traffic.js';

const [icmp, icmpv6, experiment] = [1, 58, 253];

describe('what is neither TCP nor UDP is counted for the process that moved it', function () {
  this.timeout(60_000);

  asRoot();

  /** The one connection of a peer, as far as it is to be told of its bytes. */
  async function shown(peer: Peer): Promise<unknown[]> {
    const rows = await connections({ pids: [peer.pid] });
    return rows.map(({ protocol, localPort, remotePort, state }) => [protocol, localPort, remotePort, state]);
  }

  for (const [name, address, protocol] of [
    ['icmp', '127.0.0.1', icmp],
    ['icmp', '::1', icmpv6],
    ['raw', '127.0.0.1', experiment],
  ] as const) {
    it(`by a raw socket: protocol ${protocol} over ${address}`, async () => {
      const peer = new Peer('ip');
      await peer.do('raw', address, protocol);
      await peer.do('send', 10, 131);
      await peer.do('receive', 10);
      assert.equal(peer.counts.sent, 1310);
      await assertCounted(peer);
      assert.deepEqual(await shown(peer), [[name, 0, 0, '']]);
      await assertCountedAtEnd(peer);
    });
  }

  it('by a packet socket: what it sends, not what it overhears', async () => {
    const peer = new Peer('ip');
    await peer.do('packet', 'lo');
    await peer.do('send', 10, 131);
    const { overheard = 0 } = await peer.do('overhear');
    assert.ok(overheard > 0);
    assert.equal(peer.counts.sent, 1310);
    await assertCounted(peer);
    assert.deepEqual(await shown(peer), [['packet', 0, 0, '']]);
    await assertCountedAtEnd(peer);
  });

  it('by a packet socket that another process has used, and not for the socket', async () => {
    const peer = new Peer('ip');
    await peer.do('packet', 'lo');
    await peer.do('borrow', 131);
    assert.deepEqual(truthOf(peer), { upload: 131, download: 0 });
    assert.deepEqual(trafficOf(await list(), peer.pid), truthOf(peer));
    assert.deepEqual(await shown(peer), []);
    await assertCountedAtEnd(peer);
  });

  it('and is not limited, as limit set says', async () => {
    const peer = new Peer('ip');
    await peer.do('raw', '127.0.0.1', experiment);
    await peer.do('send', 1, 1000);
    const { stderr } = await netflow('limit', 'set', '--pid', peer.pid, '--upload', '1KB', '--download', '1KB');
    assert.match(stderr, new RegExp(`for TCP and UDP, and process ${peer.pid} also has raw sockets`, 'u'));
    await peer.do('receive', 1);
    for (let round = 0; round < 10; round++) {
      await peer.do('send', 20, 1000); // all of which would take minutes under the limit
      await peer.do('receive', 20);
    }
    await assertCountedAtEnd(peer);
  });
});
