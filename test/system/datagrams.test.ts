import assert from 'node:assert/strict';
import { skipWithout } from '../support/machine.js';
import { joinNamespaces, networkNamespace } from './support/environment.js';
import { assertCounted, assertCountedAtEnd } from './support/exchange.js';
import { asRoot } from './support/netflow.js';
import { Peer, PeerError } from './support/peer.js';

interface Case {
  name: string;
  send: string;
  receive: string;
  address?: string;
  /** Sends without having connected. */
  unconnected?: true;
  count?: number;
  size?: number;
  /** The receiver's buffer, where it is not as large as a datagram. */
  buffer?: number;
  /** What the receiver's calls return for each datagram; its size where not given. */
  returned?: number;
}

const unsupported = 77;

const cases: readonly Case[] = [
  { name: 'send and recv', send: 'send', receive: 'recv' },
  { name: 'write and read', send: 'write', receive: 'read' },
  { name: 'sendto and recvfrom without a connection', send: 'sendto', receive: 'recvfrom', unconnected: true },
  { name: 'sendmsg and recvmsg without a connection', send: 'sendmsg', receive: 'recvmsg', unconnected: true },
  { name: 'sendmmsg and recvmmsg', send: 'sendmmsg', receive: 'recvmmsg' },
  { name: 'sendmmsg and recvmmsg without a connection', send: 'sendmmsg', receive: 'recvmmsg', unconnected: true },
  { name: 'io_uring', send: 'uring', receive: 'uring' },
  { name: 'MSG_PEEK, not counted', send: 'send', receive: 'peek' },
  { name: 'the largest datagrams there are', send: 'send', receive: 'recv', count: 20, size: 65_507 },
  { name: 'datagrams without a byte', send: 'send', receive: 'recv', count: 20, size: 0 },
  { name: 'datagrams cut to a smaller buffer', send: 'send', receive: 'recv', buffer: 300, returned: 300 },
  { name: 'datagrams cut by recvmsg', send: 'sendmsg', receive: 'recvmsg', buffer: 301, returned: 301 },
  { name: 'datagrams cut by recvmmsg', send: 'sendmmsg', receive: 'recvmmsg', buffer: 302, returned: 302 },
  { name: 'IPv6', send: 'send', receive: 'recv', address: '::1' },
  { name: 'IPv6 without a connection', send: 'sendto', receive: 'recvfrom', address: '::1', unconnected: true },
  { name: 'IPv4 on IPv6 sockets', send: 'send', receive: 'recv', address: '::ffff:127.0.0.1' },
  {
    name: 'IPv4 on IPv6 sockets without a connection',
    send: 'sendto',
    receive: 'recvmsg',
    address: '::ffff:127.0.0.1',
    unconnected: true,
  },
];

describe('every byte of a datagram is counted once, for the process that moved it', () => {
  asRoot();

  for (const { name, ...variant } of cases) {
    it(`by ${name}`, async function () {
      try {
        await exchange(variant);
      } catch (error) {
        if (error instanceof PeerError && error.outcome === unsupported) skipWithout(this, error.message);
        throw error;
      }
    });
  }

  it('that segmentation offload makes of one call', async () => {
    const { sender, receiver } = await pair();
    await sender.do('option', 'UDP_SEGMENT', 1000);
    await Promise.all([sender.do('send', 'send', 3, 30_500), receiver.do('receive', 'recv', 93, 2000)]);
    assert.equal(receiver.counts.received, 91_500);
    await assertCountedBoth(sender, receiver);
  });

  it('that receive offload joins to one call', async () => {
    const { sender, receiver } = await pair();
    await sender.do('option', 'UDP_SEGMENT', 1000);
    await receiver.do('option', 'UDP_GRO', 1);
    const [, { calls = 0 }] = await Promise.all([sender.do('send', 'send', 3, 30_500), receiver.do('collect', 91_500)]);
    assert.ok(calls < 93, `${calls} calls took 93 datagrams`);
    await assertCountedBoth(sender, receiver);
  });

  it('between network namespaces', async () => {
    const [first, second] = [networkNamespace(), networkNamespace()];
    joinNamespaces(first, second);
    const receiver = new Peer('datagram', { namespace: first });
    const sender = new Peer('datagram', { namespace: second });
    const { port = 0 } = await receiver.do('bind', '10.213.0.1');
    await sender.do('connect', '10.213.0.1', port);
    await Promise.all([sender.do('send', 'send', 100, 1400), receiver.do('receive', 'recv', 100, 2000)]);
    await assertCountedBoth(sender, receiver);
  });

  it('but not what the error queue gives back to its sender', async () => {
    const [sender, gone] = [new Peer('datagram'), new Peer('datagram')];
    const { port = 0 } = await gone.do('bind', '127.0.0.1');
    await gone.end();
    await sender.do('connect', '127.0.0.1', port);
    await sender.do('option', 'IP_RECVERR', 1);
    await sender.do('send', 'send', 1, 400);
    const { returned } = await sender.do('errors');
    assert.equal(returned, 400);
    await assertCounted(sender);
    await assertCountedAtEnd(sender);
    assert.equal(sender.counts.received, 0);
  });

  it('also where nobody receives them', async () => {
    const { sender, receiver } = await pair();
    await sender.do('send', 'send', 77, 990);
    await receiver.do('receive', 'recv', 7, 2000);
    assert.deepEqual([sender.counts.sent, receiver.counts.received], [77 * 990, 7 * 990]);
    await assertCountedBoth(sender, receiver);
  });
});

async function exchange(variant: Omit<Case, 'name'>): Promise<void> {
  const { send, receive, count = 200, size = 997, buffer = 65_536, returned = size } = variant;
  const { sender, receiver } = await pair(variant);
  await Promise.all([sender.do('send', send, count, size), receiver.do('receive', receive, count, buffer)]);
  assert.deepEqual([sender.counts.sent, receiver.counts.received], [count * size, count * returned]);
  await assertCountedBoth(sender, receiver);
}

async function pair({ address = '127.0.0.1', unconnected }: Pick<Case, 'address' | 'unconnected'> = {}) {
  const [sender, receiver] = [new Peer('datagram'), new Peer('datagram')];
  const { port = 0 } = await receiver.do('bind', address);
  await sender.do(unconnected ? 'target' : 'connect', address, port);
  return { sender, receiver };
}

async function assertCountedBoth(sender: Peer, receiver: Peer): Promise<void> {
  await assertCounted(sender, receiver);
  await assertCountedAtEnd(sender, receiver);
}
