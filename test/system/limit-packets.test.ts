import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onCleanUp } from '../support/cleanup.js';
import { sleep, start, until } from '../support/commands.js';
import { runningAgent, startedAgent } from './support/agent.js';
import { clientPath } from './support/clients.js';
import { address, inNamespace, joinNamespaces, networkNamespace, setUp } from './support/environment.js';
import { applyRules, KB, limit, MB, mostInASecond, needNoLimits, withoutLimits } from './support/limits.js';
import {
  highestRate,
  now,
  pumpAs,
  rateBetween,
  runFlow,
  startFlow,
  steadyRate,
  type Flow,
  type Side,
} from './support/pump.js';

const times = { warmUpMs: 1500, measureMs: 3000 };
const fragments = { protocol: 'udp', bytes: 8000, address: '10.213.0.2' } as const;
const extended = { extended: true, address: 'fd00:213::2' } as const;
const udp = { protocol: 'udp', bytes: 1200 } as const;
const long = { protocol: 'udp', bytes: 20_000, pause: 2000, address: '10.216.0.2' } as const;
/** Of what nothing stops, so much that it does not take the whole machine: some 4 MB/s. */
const some = { ...udp, pause: 200 } as const;

describe('a limit holds for packets', () => {
  const namespaces = { send: '', receive: '' };
  /** A tunnel for long packets joins the first two; the others leave sockets no room for what is kept of them. */
  const tunnelled = { send: '', receive: '' };
  const bare = { send: '', receive: '' };
  /** Both sides in one. */
  const alone = { send: '', receive: '' };

  const cases: Record<string, Flow & { limited: Side; least: number }> = {
    'whose addresses are translated, of connections that are opened': {
      limited: 'receive',
      reversed: true,
      address: '10.213.0.1',
      connectTo: '10.99.0.1',
      least: 0.9,
    },
    'whose addresses are translated, of connections that are accepted': {
      limited: 'receive',
      address: '10.213.0.2',
      connectTo: '10.213.0.22',
      least: 0.9,
    },
    'that come in fragments, for their sender': { ...fragments, limited: 'send', least: 0.98 },
    'that come in fragments, for their receiver': { ...fragments, limited: 'receive', least: 0.5 },
    'whose ports are translated at both ends': {
      limited: 'send',
      address: '10.213.0.2',
      connectTo: '10.99.0.2',
      connectToPort: 7,
      onPort: (port) => setUp(namespaces.send, `nft add element ip netflow_test listening "{ 7 : ${port} }"`),
      least: 0.98,
    },
    'whose priority is the number of the queue': {
      limited: 'send',
      priority: 0x10000,
      address: '10.213.0.2',
      least: 0.98,
    },
    'with extension headers, for their sender': { ...extended, limited: 'send', least: 0.98 },
    'with extension headers, for their receiver': { ...extended, limited: 'receive', least: 0.98 },
    'with extension headers, datagrams, for their sender': { ...extended, ...udp, limited: 'send', least: 0.98 },
    'with extension headers, datagrams, for their receiver': { ...extended, ...udp, limited: 'receive', least: 0.98 },
    'with extension headers and in fragments, for their sender': {
      ...extended,
      ...fragments,
      address: 'fd00:213::2',
      limited: 'send',
      least: 0.98,
    },
    'of multicast that stays on the machine': {
      ...some,
      limited: 'send',
      address: '239.255.4.1',
      multicast: 'nf0',
      namespaces: alone,
      least: 0.5,
    },
    'of multicast that stays on the machine, IPv6': {
      ...some,
      limited: 'send',
      address: 'ff05::4:1',
      multicast: 'nf0',
      namespaces: alone,
      least: 0.5,
    },
    'for a port that others have as well, where a program chooses': {
      ...some,
      limited: 'receive',
      address: '10.213.0.2',
      connections: 12,
      sharedPort: true,
      least: 0.5,
    },
    'that are long and have no link-layer header, for their sender': {
      ...long,
      limited: 'send',
      namespaces: tunnelled,
      least: 0.5,
    },
    'that are long and have no link-layer header, for their receiver': {
      ...long,
      limited: 'receive',
      namespaces: tunnelled,
      least: 0.5,
    },
    'of sockets that have no room for what is kept of them, up': {
      limited: 'send',
      address: '10.213.0.2',
      namespaces: bare,
      least: 0.98,
    },
    'of sockets that have no room for what is kept of them, down': {
      limited: 'receive',
      address: '10.213.0.2',
      namespaces: bare,
      least: 0.9,
    },
    'of sockets that have no room for what is kept of them, datagrams': {
      ...udp,
      limited: 'send',
      address: '10.213.0.2',
      namespaces: bare,
      least: 0.98,
    },
    'that are signed, without a change to them': {
      limited: 'receive',
      signed: true,
      address: '10.213.0.2',
      least: 0.9,
    },
  };
  /** In parts of the limit, which is 1 MB/s for one side of each flow. */
  const reached = new Map<string, number>();

  withoutLimits(async () => {
    namespaces.send = networkNamespace();
    namespaces.receive = networkNamespace();
    joinNamespaces(namespaces.send, namespaces.receive);
    setUp(
      namespaces.send,
      'ip address add fd00:213::1/64 dev nf0 nodad',
      'ip route add 10.99.0.2 via 10.213.0.2',
      'nft add table ip netflow_test',
      'nft add map ip netflow_test listening "{ type inet_service : inet_service; }"',
      'nft add chain ip netflow_test out "{ type nat hook output priority -100; }"',
      'nft add rule ip netflow_test out ip protocol tcp ip daddr 10.99.0.2 dnat to 10.213.0.2 : tcp dport map @listening',
      'nft add chain ip netflow_test after "{ type nat hook postrouting priority 100; }"',
      'nft add rule ip netflow_test after ip protocol tcp ct original daddr 10.99.0.2 masquerade to :40000-50000',
    );
    setUp(
      namespaces.receive,
      'ip address add fd00:213::2/64 dev nf1 nodad',
      'ip route add 10.99.0.1 via 10.213.0.1',
      'ip address add 10.213.0.22/32 dev nf1',
      'nft add table ip netflow_test',
      'nft add chain ip netflow_test out "{ type nat hook output priority -100; }"',
      'nft add rule ip netflow_test out ip daddr 10.99.0.1 dnat to 10.213.0.1',
      'nft add chain ip netflow_test in "{ type nat hook prerouting priority -100; }"',
      'nft add rule ip netflow_test in ip daddr 10.213.0.22 dnat to 10.213.0.2',
    );
    Object.assign(alone, { send: namespaces.send, receive: namespaces.send });
    Object.assign(bare, { send: networkNamespace(), receive: networkNamespace() });
    joinNamespaces(bare.send, bare.receive);
    for (const each of Object.values(bare)) setUp(each, 'sysctl -qw net.core.optmem_max=0');
    Object.assign(tunnelled, { send: networkNamespace(), receive: networkNamespace() });
    await joinByTunnel(tunnelled);
    await needNoLimits();
    const flows = Object.entries(cases).map(([name, flow], index) => ({
      name,
      flow,
      program: pumpAs(`packets-${index}`),
    }));
    await applyRules(
      flows.map(({ flow, program }) => (flow.limited === 'send' ? [program, '1MB', ''] : [program, '', '1MB'])),
    );
    const run = async ({ name, flow, program }: (typeof flows)[number]): Promise<void> => {
      const { receive } = await runFlow({ ...times, namespaces, ...flow, programs: { [flow.limited]: program } });
      reached.set(name, steadyRate(receive, { ...times, measureMs: times.measureMs - 500 }) / MB);
    };
    // A sender without a limit fills the memory that the kernel has for fragments, and so comes alone.
    const isFlood = ({ flow }: (typeof flows)[number]): boolean =>
      flow.bytes !== undefined && flow.limited === 'receive' && !flow.pause;
    await Promise.all(flows.filter((each) => !isFlood(each)).map(run));
    await Promise.all(flows.filter(isFlood).map(run));
    setUp(namespaces.receive, 'nft delete table ip netflow_test');
  });

  for (const [name, { least }] of Object.entries(cases)) {
    it(name, () => {
      const rate = reached.get(name) ?? 0;
      // What is dropped instead of waiting may burst after each moment in which nothing came.
      const most = least > 0.8 ? 1.02 : 1.1;
      assert.ok(rate > least && rate < most, `reached ${rate}`);
    });
  }

  it('that are signed, none of which is refused', () => {
    assert.match(inNamespace(namespaces.send, 'nstat', '-az', 'TcpExtTCPMD5Failure'), /TcpExtTCPMD5Failure +0 /u);
  });

  it('without what a lower limit, which has been raised, has them owe', async () => {
    const program = pumpAs('raised');
    const flow = { protocol: 'udp', bytes: 60_000, warmUpMs: 0, measureMs: 4000 } as const;
    await limit('--path', program, '--download', KB);
    const running = await startFlow({ ...flow, address: '10.213.0.2', namespaces, programs: { receive: program } });
    await sleep(1000);
    await limit('--path', program, '--download', MB);
    const raised = now();
    const { receive } = await running.result;
    const rate = rateBetween(receive, raised, raised + 1500) / MB;
    assert.ok(rate > 0.5 && rate < 1.2, `reached ${rate}`);
  });

  it('in a namespace that nobody has given a queue yet, and on an interface that is as new', async () => {
    const program = pumpAs('newcomer');
    await until('the last agent has ended', () => runningAgent() === undefined, 10);
    await limit('--path', program, '--upload', MB, '--download', MB);
    const stopped = await startedAgent();
    process.kill(stopped, 'SIGSTOP');
    try {
      const fresh = { send: networkNamespace(), receive: networkNamespace() };
      joinNamespaces(fresh.send, fresh.receive);
      const wire = `ip link add new0 type veth peer name new1 netns ${namespaces.receive}`;
      setUp(namespaces.send, wire, ...address('new0', '10.230.0.1/24'));
      setUp(namespaces.receive, ...address('new1', '10.230.0.2/24'));
      const flows: Record<string, Flow> = {
        'a new namespace, up': { namespaces: fresh, address: '10.213.0.2', programs: { send: program } },
        'a new namespace, down': { namespaces: fresh, address: '10.213.0.2', programs: { receive: program } },
        'a new interface, up': { namespaces, address: '10.230.0.2', programs: { send: program } },
      };
      for (const [where, flow] of Object.entries(flows)) {
        const { receive } = await runFlow({ ...flow, warmUpMs: 0, measureMs: 3000 });
        const highest = highestRate(receive, 1000);
        assert.ok(highest > 0 && highest < mostInASecond(MB) + 100 * KB, `${where}: in a second ${highest}`);
      }
    } finally {
      process.kill(stopped, 'SIGCONT');
    }
  });

  it('and their senders are told of it, in later connections as in the first one', async () => {
    const program = pumpAs('later');
    await limit('--path', program, '--download', MB);
    const flow = { ...times, warmUpMs: 0, measureMs: 3000, namespaces, address: '10.213.0.2' };
    for (let connection = 0; connection < 2; connection++) {
      const running = await startFlow({ ...flow, programs: { receive: program } });
      await sleep(1500);
      const sockets = inNamespace(namespaces.send, 'ss', '-tinH', 'state', 'established');
      const windows = [...sockets.matchAll(/snd_wnd:(\d+)/gu)].map(([, bytes]) => Number(bytes));
      assert.ok(windows.length > 0 && Math.max(...windows) < 200 * KB, `connection ${connection}: ${windows.join()}`);
      await running.result;
    }
  });

  it('that one socket sends to many, without holding up those for the others', async () => {
    const program = pumpAs('asks-much');
    await applyRules([[program, '', String(20 * KB)]]);
    const [resolver, other] = [await openSocket(), await openSocket()];
    let port = 0;
    const flow = { protocol: 'udp', bytes: 100, warmUpMs: 0, measureMs: 6000 } as const;
    const asking = await startFlow({ ...flow, programs: { receive: program }, onPort: (number) => (port = number) });
    const flood = setInterval(() => resolver.send(Buffer.alloc(2200), port, '127.0.0.1'), 2);
    onCleanUp(() => clearInterval(flood));
    await sleep(2000);
    let answers = 0;
    other.on('message', () => (answers += 1));
    for (let question = 0; question < 10; question++) {
      resolver.send(Buffer.alloc(2200), other.address().port, '127.0.0.1');
      await sleep(100);
    }
    await until('all answers are there', () => answers === 10, 1);
    clearInterval(flood);
    const { receive } = await asking.result;
    assert.ok(highestRate(receive, 3000) < 40 * KB, 'the limit');
  });

  async function joinByTunnel(ends: typeof tunnelled): Promise<void> {
    const names = Object.values(ends);
    const files = names.flatMap((name) => [`/run/netns/${name}`, 'tun0']);
    const wire = start(clientPath('wire'), files, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(wire.stdout ?? wire, 'data');
    for (const [index, name] of names.entries()) {
      setUp(name, ...address('tun0', `10.216.0.${index + 1}/24`), 'ip link set tun0 mtu 65000');
    }
  }

  async function openSocket(): Promise<Socket> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onCleanUp(() => socket.close());
    return socket;
  }
});
