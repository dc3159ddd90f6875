import assert from 'node:assert/strict';
import { inNamespace, networkNamespace } from './support/environment.js';
import { assertCounted, assertCountedAtEnd, connect, finish, transfer, truthOf } from './support/exchange.js';
import { asRoot, connections, list, netflow, needDriver, startDriver, stopDriver } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { readExited, readTraffic, trafficOf } from './support/traffic.js';

describe('a socket of several threads or processes', () => {
  asRoot();

  for (const [how, name] of [
    ['fork', 'inherited by a child'],
    ['pass', 'passed to another process'],
  ] as const) {
    it(`that was ${name} credits each with what it moved itself`, async () => {
      const [server, client] = [new Peer('stream_send'), new Peer('shared')];
      const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1');
      const [{ child = 0 }] = await Promise.all([
        client.do('connect', '127.0.0.1', port, how, 'tcp'),
        server.do('accept'),
      ]);
      await Promise.all([client.do('parent', 100_003, 0), server.do('receive', 100_003)]);
      await Promise.all([client.do('child', 200_017, 0), server.do('receive', 200_017)]);
      await Promise.all([client.do('parent', 0, 30_011), server.do('send', 30_011)]);
      await Promise.all([client.do('child', 0, 40_009), server.do('send', 40_009)]);
      await Promise.all([client.do('parent', 5, 0), server.do('receive', 5)]);
      const expected = [{ upload: 100_008, download: 30_011 }, { upload: 200_017, download: 40_009 }, truthOf(server)];
      const pids = [client.pid, child, server.pid];
      assert.deepEqual(await readTraffic(pids), { processes: expected, connections: expected });
      await client.end();
      await server.do('receive');
      await server.end();
      assert.deepEqual(await readExited(pids), expected);
    });
  }

  it('that BPF hands what another one sends, past TCP, has all of it, before and after', async () => {
    const peer = new Peer('sockmap');
    await peer.do('connect', '127.0.0.1');
    await peer.do('move', 70_001);
    await peer.do('redirect');
    await peer.do('move', 3_000_017);
    assert.equal(peer.counts.received, 3_070_018);
    await assertCounted(peer);
    await assertCountedAtEnd(peer);
  });

  it('is counted in whole for a process of sixteen threads with a socket each', async () => {
    const [client, server] = [new Peer('crowd'), new Peer('crowd')];
    const { port = 0 } = await server.do('listen', '127.0.0.1');
    await Promise.all([client.do('connect', '127.0.0.1', port), server.do('accept')]);
    await Promise.all([client.do('send', 1_600_016), server.do('receive', 1_600_016)]);
    await Promise.all([server.do('send', 800_016), client.do('receive', 800_016)]);
    await assertCounted(client, server);
    await assertCountedAtEnd(client, server);
  });

  it('of which only an io_uring may know is said not to be listed', async () => {
    const [client, server] = [new Peer('stream_uring'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 1);
    const said = await Promise.all([client, server].map(({ pid }) => netflow('connections', '--pid', pid)));
    assert.deepEqual(
      said.map(({ stderr }) => /^netflow: Process (\d+) uses io_uring/u.exec(stderr)?.[1]),
      [String(client.pid), undefined],
    );
  });

  it('that had a connection of its own gives nothing of that to the ones it accepts', async () => {
    const [first, server, client] = [new Peer('stream_send'), new Peer('stream_send'), new Peer('stream_send')];
    const { port: firstPort = 0 } = await first.do('listen', 'tcp', '127.0.0.1');
    await Promise.all([server.do('connect', 'tcp', '127.0.0.1', firstPort), first.do('accept')]);
    await transfer(first, server, 70_001);
    const { port = 0 } = await server.do('relisten', '127.0.0.1');
    await Promise.all([client.do('connect', 'tcp', '127.0.0.1', port), server.do('accept')]);
    await transfer(client, server, 3);
    const accepted = (await connections({ pids: [server.pid] })).filter(({ remotePort }) => remotePort !== 0);
    assert.deepEqual(
      accepted.map(({ downloadBytes }) => downloadBytes),
      [3],
    );
  });

  it('of the families AF_UNIX and AF_NETLINK is never counted', async () => {
    const peer = new Peer('uncounted');
    const { moved = 0 } = await peer.do('run');
    assert.ok(moved > 20_000);
    assert.deepEqual(trafficOf(await list({ exited: true }), peer.pid), { upload: 0, download: 0 });
    await peer.end();
    assert.deepEqual(await readExited([peer.pid]), [{ upload: 0, download: 0 }]);
  });
});

describe('bytes that travel with the SYN', () => {
  let namespace = '';

  asRoot(async () => {
    await needDriver();
    namespace = networkNamespace();
    inNamespace(namespace, 'sysctl', '-qw', 'net.ipv4.tcp_fastopen=3');
  });

  for (const [name, receiver] of [
    ['recv', 'stream_send'],
    ['splice', 'stream_splice'],
  ] as const) {
    it(`are counted by MSG_FASTOPEN, and received by ${name}`, async () => {
      const [client, server] = [new Peer('stream_send', { namespace }), new Peer(receiver, { namespace })];
      const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1', 'fastopen');
      const first = [client.do('fastopen', '127.0.0.1', port, 501), server.do('accept')];
      await Promise.all(first);
      await server.do('receive', 501);
      await finish(client, server);
      await client.do('close');
      await server.do('close');
      await Promise.all([client.do('fastopen', '127.0.0.1', port, 703), server.do('accept')]);
      await server.do('receive', 703);
      assert.equal((await client.do('describe'))['synData'], 1, 'the second SYN is to take data along');
      await finish(client, server);
      await assertCountedAtEnd(client, server);
    });
  }

  it('are counted by TCP_FASTOPEN_CONNECT', async () => {
    const [client, server] = [new Peer('stream_send', { namespace }), new Peer('stream_write', { namespace })];
    const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1', 'fastopen');
    for (let round = 0; round < 2; round++) {
      await client.do('connect', 'tcp', '127.0.0.1', port, 'fastopen');
      await client.do('send', 601);
      await server.do('accept');
      await server.do('receive', 601);
      if (round === 1) assert.equal((await client.do('describe'))['synData'], 1);
      await finish(client, server);
      await Promise.all([client.do('close'), server.do('close')]);
    }
    await assertCountedAtEnd(client, server);
  });
});

describe('a socket that is older than the driver', () => {
  asRoot(async () => {
    await startDriver();
    await stopDriver();
  });
  afterEach(stopDriver);

  for (const program of ['stream_send', 'stream_splice', 'stream_uring']) {
    it(`has none of its past and all that follows, by ${program.slice('stream_'.length)}`, async () => {
      const [client, server] = [new Peer(program), new Peer(program)];
      await connect(client, server);
      await transfer(client, server, 300_007);
      await transfer(server, client, 200_003);
      await startDriver();
      await transfer(client, server, 10_009);
      await transfer(server, client, 20_011);
      await assertReads(client, { upload: 10_009, download: 20_011 });
      await assertReads(server, { upload: 20_011, download: 10_009 });
      await finish(client, server);
      await Promise.all([client.end(), server.end()]);
      assert.deepEqual(await readExited([client.pid, server.pid]), [
        { upload: 10_009, download: 20_011 },
        { upload: 20_011, download: 10_009 },
      ]);
    });
  }

  it('has the bytes that waited unread at the start once they are read', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 50_021);
    await client.do('send', 9_001);
    await startDriver();
    await server.do('receive', 9_001);
    await assertReads(server, { upload: 0, download: 9_001 });
    await assertReads(client, { upload: 0, download: 0 });
  });

  it('and was never read from has all that waited', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_splice')];
    await connect(client, server);
    await client.do('send', 8_009);
    await startDriver();
    await server.do('receive', 8_009);
    await assertReads(server, { upload: 0, download: 8_009 });
  });

  it('and waited in an accept queue is counted once it is accepted', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1');
    await client.do('connect', 'tcp', '127.0.0.1', port);
    await client.do('send', 7_001);
    await startDriver();
    await server.do('accept');
    await server.do('receive', 7_001);
    await transfer(server, client, 6_007);
    await assertReads(server, { upload: 6_007, download: 7_001 });
    await assertReads(client, { upload: 0, download: 6_007 });
  });

  it('and had not connected is counted from its first byte', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await client.do('open', 'tcp', '127.0.0.1');
    await startDriver();
    await reconnect(client, server);
    await transfer(server, client, 7_001);
    await transfer(client, server, 5_003);
    await assertCounted(client, server);
    await assertCountedAtEnd(client, server);
  });

  it('and connects to another peer afterwards has the bytes of both', async () => {
    const [client, first, second] = [new Peer('stream_send'), new Peer('stream_send'), new Peer('stream_send')];
    await client.do('open', 'tcp', '127.0.0.1');
    await reconnect(client, first);
    await transfer(first, client, 9_001);
    await startDriver();
    await transfer(first, client, 3_001);
    await reconnect(client, second);
    await transfer(second, client, 4_001);
    await assertReads(client, { upload: 0, download: 7_002 });
    await assertReads(second, { upload: 4_001, download: 0 });
  });

  it('and had been closed by its peer has no byte for the end of the stream', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 5_003);
    await client.do('send', 401);
    await client.do('finish');
    await startDriver();
    await server.do('receive');
    await assertReads(server, { upload: 0, download: 401 });
    await transfer(server, client, 301);
    await assertReads(client, { upload: 0, download: 301 });
  });

  it('and whose end was read before has none either', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await client.do('send', 401);
    await client.do('finish');
    await server.do('receive');
    await startDriver();
    await server.do('receive');
    await transfer(server, client, 301);
    await assertReads(server, { upload: 301, download: 0 });
  });

  it('has none of its past over MPTCP', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server, { protocol: 'mptcp' });
    await transfer(client, server, 70_001);
    await startDriver();
    await transfer(client, server, 501);
    await assertReads(client, { upload: 501, download: 0 });
    await assertReads(server, { upload: 0, download: 501 });
  });

  it('has none of its past over UDP', async () => {
    const [sender, receiver] = [new Peer('datagram'), new Peer('datagram')];
    const { port = 0 } = await receiver.do('bind', '127.0.0.1');
    await sender.do('connect', '127.0.0.1', port);
    await Promise.all([sender.do('send', 'send', 10, 500), receiver.do('receive', 'recv', 9, 2000)]);
    await startDriver();
    await sender.do('send', 'send', 1, 77);
    await receiver.do('receive', 'recv', 2, 2000);
    await assertReads(sender, { upload: 77, download: 0 });
    await assertReads(receiver, { upload: 0, download: 577 });
  });
});

async function assertReads(peer: Peer, expected: { upload: number; download: number }): Promise<void> {
  const { processes, connections } = await readTraffic([peer.pid]);
  assert.deepEqual({ processes, connections }, { processes: [expected], connections: [expected] });
}

/** Connects a socket that is open already. */
async function reconnect(client: Peer, server: Peer): Promise<void> {
  const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1');
  await Promise.all([client.do('reconnect', '127.0.0.1', port), server.do('accept')]);
}
