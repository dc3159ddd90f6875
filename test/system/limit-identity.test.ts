import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { start } from '../support/commands.js';
import { clientPath } from './support/clients.js';
import { limit, limits, MB, mostInASecond, needNoLimits, startWithoutLimits, withoutLimits } from './support/limits.js';
import { driverStatus, netflow } from './support/netflow.js';
import { Peer } from './support/peer.js';
import { highestRate, pumpAs, runFlow } from './support/pump.js';

type Way = 'child' | 'daemon' | 'exec' | 'pass';
type Deed = 'send' | 'receive';

interface Case {
  way: Way;
  does: Deed;
  by: '--pid' | '--path';
  count: number;
  bytes: number;
  /** What the listener is for, where it is not plain TCP alone. */
  listener?: 'mptcp';
  /** What clients connect by. */
  client?: 'mptcp';
}

/**
 * Short connections, each of which would have ended before a limit was known; or one call that hands over all there
 * is.
 */
const short = { count: 50, bytes: 60_000 };
const long = { count: 1, bytes: 3_000_000 };

const cases: readonly Case[] = [
  { way: 'child', does: 'send', by: '--pid', ...short },
  { way: 'child', does: 'receive', by: '--pid', ...short },
  { way: 'daemon', does: 'send', by: '--path', ...short },
  { way: 'daemon', does: 'receive', by: '--path', ...short },
  { way: 'child', does: 'receive', by: '--pid', listener: 'mptcp', ...short },
  { way: 'daemon', does: 'receive', by: '--path', listener: 'mptcp', ...short },
  { way: 'child', does: 'receive', by: '--pid', listener: 'mptcp', client: 'mptcp', ...short },
  { way: 'exec', does: 'send', by: '--pid', ...long },
  { way: 'pass', does: 'send', by: '--pid', ...long },
  { way: 'exec', does: 'send', by: '--pid', listener: 'mptcp', client: 'mptcp', ...long },
  { way: 'pass', does: 'send', by: '--pid', listener: 'mptcp', client: 'mptcp', ...long },
];

async function firstLine(child: ChildProcess): Promise<string> {
  const [data] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return data.toString();
}

/**
 * Moves so many bytes over a new connection, from or to the one who serves it, until that closes it; returns how many
 * came.
 */
async function visit(port: number, does: Deed, bytes: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  socket.on('data', ({ length }) => (received += length));
  if (does === 'receive') socket.end(Buffer.alloc(bytes));
  await once(socket, 'close');
  return does === 'receive' ? bytes : received;
}

/** As visit(), but by a connection of MPTCP, which Node.js has not. */
async function visitByMptcp(client: Peer, port: number, does: Deed, bytes: number): Promise<number> {
  const before = client.counts.received;
  await client.do('connect', 'mptcp', '127.0.0.1', port);
  if (does === 'receive') {
    await client.do('send', bytes);
    await client.do('finish');
  }
  const { received } = await client.do('receive');
  await client.do('close');
  return does === 'receive' ? bytes : received - before;
}

describe('limits on sockets that somebody else made', () => {
  interface Outcome {
    moved: number;
    rate: number;
  }
  const results = new Map<Case, Outcome>();

  async function measure(each: Case): Promise<Outcome> {
    const { way, does, by, count, bytes, listener = 'tcp', client = 'tcp' } = each;
    const program = pumpAs(`handover-${cases.indexOf(each)}`, 'handover');
    const options = ['--upload', MB, '--download', MB];
    if (by === '--path') await limit(by, program, ...options);
    const command = [way, does, String(bytes), String(count), listener];
    const server = start(program, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { port, pid } = JSON.parse(await firstLine(server)) as { port: number; pid: number };
    if (by === '--pid') await limit(by, pid, ...options);
    const begin = performance.now();
    let moved = 0;
    const peer = client === 'mptcp' ? new Peer('stream_send') : null;
    for (let visits = 0; visits < count; visits++) {
      moved += await (peer ? visitByMptcp(peer, port, does, bytes) : visit(port, does, bytes));
    }
    return { moved, rate: (moved * 1000) / (performance.now() - begin) };
  }

  withoutLimits(async () => {
    await needNoLimits();
    await Promise.all(cases.map(async (each) => results.set(each, await measure(each))));
  });

  for (const each of cases) {
    const { way, does, by, listener = 'tcp', client = 'tcp' } = each;
    it(`hold from the first byte on: ${way}, ${does}, ${by}, from ${client} to ${listener}`, () => {
      const { moved = 0, rate = 0 } = results.get(each) ?? {};
      assert.ok(moved >= each.count * each.bytes, `${moved} bytes of ${each.count * each.bytes}`);
      assert.ok(rate < mostInASecond(MB), `${rate} bytes a second`);
      assert.ok(rate > MB / 10, `${rate} bytes a second`);
    });
  }

  it('are listed with all who have the socket open, whether or not they have used it', async () => {
    const program = pumpAs('idle', 'handover');
    await limit('--path', program, '--upload', MB);
    const server = start(program, ['child', 'send', '1', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { port } = JSON.parse(await firstLine(server)) as { port: number };
    const counts = (await limits()).map(({ processes }) => processes);
    await visit(port, 'send', 1); // which ends them
    assert.deepEqual(counts, [2]);
  });

  it('of a path are set with a word about who has that, and runs another file', async () => {
    const program = pumpAs('forged');
    const mounted = 'mount --bind "$0" "$1" && exec "$1" receive 127.0.0.1 tcp 1 0 9000';
    const forged = start('unshare', ['-m', 'sh', '-c', mounted, clientPath('pump'), program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await firstLine(forged);
    const { stderr } = await netflow('limit', 'set', '--path', program, '--upload', MB);
    forged.kill();
    assert.ok(stderr.includes(`Process ${forged.pid} has this path and runs another file`), stderr);
  });

  it('are set with a word about BPF programs that hand on what is sent', async () => {
    const peer = new Peer('sockmap');
    await peer.do('connect', '127.0.0.1');
    await peer.do('redirect');
    const { stderr } = await netflow('limit', 'set', '--path', pumpAs('handed'), '--upload', MB);
    assert.match(
      stderr,
      /sockmap: what BPF programs.* hand from one socket to another, past the network, is not held/u,
    );
  });

  it('hold for each datagram of a process that has not opened the socket', async () => {
    const [receiver, peer] = [new Peer('datagram'), new Peer('shared')];
    const { port = 0 } = await receiver.do('bind', '127.0.0.1');
    const { child = 0 } = await peer.do('connect', '127.0.0.1', port, 'pass', 'udp');
    await limit('--pid', child, '--upload', MB);
    const begin = performance.now();
    const [count, bytes] = [50, 60_000];
    for (let datagram = 0; datagram < count; datagram++) {
      await peer.do('parent', 1, 0); // so that each of the other's is its first one again
      await peer.do('child', bytes, 0);
    }
    await receiver.do('collect', count * (bytes + 1));
    const rate = (count * bytes * 1000) / (performance.now() - begin);
    assert.ok(rate < mostInASecond(MB) && rate > MB / 10, `${rate} bytes a second`);
  });

  it('by process id hold on over an exec', async () => {
    const server = createServer((socket) => socket.on('data', ({ length }) => (bytes += length)));
    let bytes = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pump = [clientPath('pump'), 'send', '127.0.0.1', 'tcp', '1', '0', '20000', String(port)];
    const shell = start('/bin/sh', ['-c', 'read _; exec "$0" "$@"', ...pump], { stdio: ['pipe', 'ignore', 'inherit'] });
    await limit('--pid', shell.pid ?? 0, '--upload', MB);
    shell.stdin?.end('\n');
    await once(server, 'connection');
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const rate = (bytes * 1000) / (performance.now() - begin);
    assert.deepEqual(
      (await limits()).map(({ processId }) => processId),
      [shell.pid],
    );
    shell.kill();
    server.close();
    assert.ok(rate < mostInASecond(MB) && rate > MB / 10, `${rate} bytes a second`);
  });
});

describe('a limit where the table of processes is full', () => {
  const capacity = 16;

  withoutLimits(() => startWithoutLimits('--max-processes', capacity));

  it('holds for a process that comes then', async () => {
    const program = pumpAs('late');
    await limit('--path', program, '--upload', MB);
    const { port = 0 } = await new Peer('datagram').do('bind', '127.0.0.1');
    const others = Array.from({ length: 2 * capacity }, () => new Peer('datagram'));
    for (const other of others) {
      await other.do('connect', '127.0.0.1', port);
      await other.do('send', 'send', 1, 100);
    }
    assert.ok((await driverStatus()).lostEvents > 0, 'the table is not full');
    const { receive } = await runFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 2000 });
    const rate = highestRate(receive, 1000);
    assert.ok(rate < mostInASecond(MB) && rate > MB / 10, `${rate} bytes in a second`);
    const places = (await driverStatus()).requirements.find(({ name }) => name.startsWith('places'));
    assert.equal(places?.ok, true);
  });
});
