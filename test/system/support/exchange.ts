import assert from 'node:assert/strict';
import type { Peer } from './peer.js';
import { readExited, readTraffic, type Traffic } from './traffic.js';

export interface Route {
  protocol?: 'tcp' | 'mptcp' | 'sctp';
  /** Where the server listens, and the client connects to. */
  address?: string;
  clientAddress?: string;
  clientProtocol?: Route['protocol'];
}

/**
 * Odd numbers, so that no buffer's size divides them, and different ones, so that no direction is taken for the other.
 */
export const uploadSize = 3_000_017;
export const downloadSize = 1_000_003;

/** Connects two stream peers. */
export async function connect(client: Peer, server: Peer, route: Route = {}): Promise<void> {
  const { protocol = 'tcp', address = '127.0.0.1' } = route;
  const { clientAddress = address, clientProtocol = protocol } = route;
  const { port = 0 } = await server.do('listen', protocol, address);
  await Promise.all([client.do('connect', clientProtocol, clientAddress, port), server.do('accept')]);
}

/** Moves bytes from one stream peer to the other; the connection stays open. */
export async function transfer(from: Peer, to: Peer, bytes: number): Promise<void> {
  await Promise.all([from.do('send', bytes), to.do('receive', bytes)]);
}

/** Closes both directions, one after the other, and has each side read to the end. */
export async function finish(first: Peer, second: Peer): Promise<void> {
  await first.do('finish');
  await second.do('receive');
  await second.do('finish');
  await first.do('receive');
}

/** The traffic of a peer by its own system calls, which NetFlow has to report. */
export function truthOf({ counts }: Peer): Traffic {
  return { upload: counts.sent, download: counts.received };
}

/** Asserts that NetFlow reports exactly the bytes of living peers, by process and as the sum of their connections. */
export async function assertCounted(...peers: readonly Peer[]): Promise<void> {
  const expected = peers.map(truthOf);
  assert.deepEqual(await readTraffic(peers.map(({ pid }) => pid)), { processes: expected, connections: expected });
}

/** Ends the peers, and asserts that NetFlow reports exactly their bytes afterwards. */
export async function assertCountedAtEnd(...peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer.end();
  assert.deepEqual(await readExited(peers.map(({ pid }) => pid)), peers.map(truthOf));
}
