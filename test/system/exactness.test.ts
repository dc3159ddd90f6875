import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import { skipWithout } from '../support/machine.js';
import { joinNamespaces, networkNamespace } from './support/environment.js';
import {
  assertCounted,
  assertCountedAtEnd,
  connect,
  downloadSize,
  finish,
  type Route,
  transfer,
  uploadSize,
} from './support/exchange.js';
import { asRoot } from './support/netflow.js';
import { Peer, PeerError } from './support/peer.js';

/** IPPROTO_TCP, which a socket that fell back from MPTCP has, and IPPROTO_MPTCP. */
const tcpProtocol = 6;
const mptcpProtocol = 262;
const unsupported = 77;

const ways: readonly { name: string; program: string; args?: string[] }[] = [
  { name: 'send and recv', program: 'stream_send' },
  { name: 'write and read', program: 'stream_write' },
  { name: 'writev and readv', program: 'stream_writev' },
  { name: 'sendmsg and recvmsg', program: 'stream_sendmsg' },
  { name: 'sendmmsg and recvmmsg', program: 'stream_sendmmsg' },
  { name: 'sendfile and recv with MSG_WAITALL', program: 'stream_sendfile' },
  { name: 'splice into and out of a socket', program: 'stream_splice' },
  { name: 'io_uring', program: 'stream_uring' },
  { name: 'io_uring in a worker thread', program: 'stream_uring', args: ['worker'] },
  { name: 'io_uring polled by the kernel', program: 'stream_uring', args: ['poll'] },
  { name: 'io_uring without copying', program: 'stream_uring', args: ['zerocopy'] },
  { name: 'io_uring with many receipts to a request', program: 'stream_uring', args: ['multishot'] },
  { name: 'MSG_ZEROCOPY, its completions not counted', program: 'stream_zerocopy' },
  { name: 'MSG_PEEK, not counted', program: 'stream_peek' },
  { name: 'MSG_MORE and MSG_TRUNC', program: 'stream_discard' },
  { name: 'partial sends that do not block', program: 'stream_nonblocking' },
  { name: 'sixteen threads on one socket', program: 'stream_threads' },
];

const routes: readonly (Route & { name: string })[] = [
  { name: 'IPv6', address: '::1' },
  { name: 'IPv4 on an IPv6 socket', address: '::ffff:127.0.0.1' },
  { name: 'an IPv4 client of an IPv6 socket', address: '::ffff:127.0.0.1', clientAddress: '127.0.0.1' },
];

describe('every byte of a stream is counted once, for the process that moved it', () => {
  asRoot();

  for (const { name, program, args = [] } of ways) {
    it(`by ${name}`, async function () {
      await exchange(this, program, args, {});
    });
  }

  for (const { name, ...route } of routes) {
    it(`over ${name}`, async function () {
      await exchange(this, 'stream_send', [], route);
    });
  }

  for (const program of ['stream_send', 'stream_splice', 'stream_peek', 'stream_nonblocking']) {
    it(`over MPTCP by ${program.slice('stream_'.length)}`, async function () {
      const { client } = await exchange(this, program, [], { protocol: 'mptcp' });
      assert.equal(client, mptcpProtocol);
    });
  }

  it('where an MPTCP client falls back to TCP', async function () {
    const { client, server } = await exchange(this, 'stream_send', [], { protocol: 'tcp', clientProtocol: 'mptcp' });
    assert.notEqual(client, 0);
    assert.equal(server, tcpProtocol);
  });

  it('where a TCP client speaks to an MPTCP server', async function () {
    const { client } = await exchange(this, 'stream_send', [], { protocol: 'mptcp', clientProtocol: 'tcp' });
    assert.equal(client, tcpProtocol);
  });

  it('inside another network namespace', async () => {
    const namespace = networkNamespace();
    await exchangeBetween(new Peer('stream_send', { namespace }), new Peer('stream_splice', { namespace }), {});
  });

  it('between two network namespaces', async () => {
    const [first, second] = [networkNamespace(), networkNamespace()];
    joinNamespaces(first, second);
    const client = new Peer('stream_write', { namespace: second });
    const server = new Peer('stream_sendmsg', { namespace: first });
    await exchangeBetween(client, server, { address: '10.213.0.1' });
  });

  it('up to a reset, and not beyond it', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, uploadSize);
    await server.do('send', 50_021);
    await client.do('receive', 20_011);
    await client.do('reset');
    await server.do('receive');
    assert.equal(server.counts.received, uploadSize);
    await assertCountedAtEnd(client, server);
  });

  it('when the reader closes with bytes unread', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_splice')];
    await connect(client, server);
    await client.do('send', 100_003);
    await server.do('receive', 40_009);
    await server.do('close');
    await assertCountedAtEnd(client, server);
    assert.equal(server.counts.received, 40_009);
  });

  it('of many small connections in a row', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_splice')];
    const { port = 0 } = await server.do('listen', 'tcp', '127.0.0.1');
    for (let round = 1; round <= 50; round++) {
      await Promise.all([client.do('connect', 'tcp', '127.0.0.1', port), server.do('accept')]);
      await transfer(client, server, round);
      await finish(round % 2 ? client : server, round % 2 ? server : client);
      await Promise.all([client.do('close'), server.do('close')]);
    }
    assert.equal(server.counts.received, (50 * 51) / 2);
    await assertCountedAtEnd(client, server);
  });
});

async function exchange(context: Context, program: string, args: string[], route: Route) {
  try {
    return await exchangeBetween(new Peer(program, { args }), new Peer(program, { args }), route);
  } catch (error) {
    if (error instanceof PeerError && error.outcome === unsupported) skipWithout(context, error.message);
    throw error;
  }
}

/**
 * Uploads and downloads, looks at the open connection, then closes it and looks at what is kept. Returns SO_PROTOCOL.
 */
async function exchangeBetween(client: Peer, server: Peer, route: Route): Promise<{ client: number; server: number }> {
  await connect(client, server, route);
  await transfer(client, server, uploadSize);
  await transfer(server, client, downloadSize);
  assert.deepEqual([client.counts.received, server.counts.received], [downloadSize, uploadSize]);
  const protocols = await Promise.all([client.do('describe'), server.do('describe')]);
  await assertCounted(client, server);
  await finish(client, server);
  await assertCountedAtEnd(client, server);
  return { client: protocols[0]['protocol'] ?? 0, server: protocols[1]['protocol'] ?? 0 };
}
