import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { inNamespace as enterNamespace, inodeOf } from '../../core/driver/linux/limits/namespaces.js';
import { loadLibc } from '../../core/driver/linux/libc.js';
import { attribute, message } from '../../core/driver/linux/netlink/message.js';
import { NetlinkSocket } from '../../core/driver/linux/netlink/socket.js';
import { runNow, sleep, until } from '../support/commands.js';
import { temporaryFolder } from '../support/paths.js';
import { inNamespace, joinNamespaces, networkNamespace, setUp } from '../system/support/environment.js';
import { applyRules, KB, MB, needNoLimits } from '../system/support/limits.js';
import { asRoot } from '../system/support/netflow.js';
import { type Flow, highestRate, pumpAs, rateBetween, runFlow, startFlow, steadyRate } from '../system/support/pump.js';

/** Low, since an emulated machine has to carry the flows of a way at once, beside other suites. */
const rate = 200 * KB;
const times = { warmUpMs: 1500, measureMs: 3500 };

interface Way {
  title: string;
  /** Makes it between two namespaces that are joined, and returns what the flows through it have. */
  make: (first: string, second: string) => Flow;
  /** The least part of their limits that downloads reach: those that can't wait are dropped where they are too fast. */
  leastDown?: number;
}

const ways: readonly Way[] = [
  { title: 'over a VLAN on a bond', make: overBond },
  { title: 'through WireGuard', make: throughWireGuard },
  { title: 'through VRFs', make: throughVrfs, leastDown: 0.2 },
  { title: 'through IPsec in transport mode', make: throughIpsec, leastDown: 0.2 },
  { title: 'behind extension headers, datagrams in fragments', make: behindExtensions, leastDown: 0.2 },
];

/** A packet on its way passes each of several interfaces, and must wait once. Waiting twice halves a rate. */
describe('a limit is kept once', function () {
  this.timeout(120_000);

  /** One for each flow: processes of one path would share its limit until the agent has come to part them. */
  const programs = { up: '', down: '', datagramsUp: '', datagramsDown: '', far: '' };
  const flows = new Map<Way, Flow>();

  asRoot(async () => {
    await needNoLimits();
    for (const name of Object.keys(programs) as (keyof typeof programs)[]) programs[name] = pumpAs(name);
    const { far, ...limited } = programs;
    await applyRules([
      ...Object.values(limited).map((program) => [program, String(rate), String(rate)] as const),
      [far, String(2 * rate), ''],
    ]);
    for (const way of ways) {
      const [send, receive] = [networkNamespace(), networkNamespace()];
      joinNamespaces(send, receive);
      flows.set(way, { namespaces: { send, receive }, ...way.make(send, receive) });
    }
    // The first socket of a namespace tells the driver of it.
    await Promise.all([...flows.values()].map((flow) => runFlow({ ...flow, warmUpMs: 0, measureMs: 100 })));
    await sleep(1500);
  });

  for (const way of ways) {
    it(way.title, async () => {
      const { bytes = 1000, ...flow } = flows.get(way) ?? {};
      const datagrams = { protocol: 'udp', bytes } as const;
      const cases: (Flow & { least: number })[] = [
        { programs: { send: programs.up }, least: 0.7 },
        { programs: { receive: programs.down }, least: way.leastDown ?? 0.7 },
        { programs: { send: programs.datagramsUp }, ...datagrams, least: 0.7 },
        {
          programs: { send: programs.far, receive: programs.datagramsDown },
          ...datagrams,
          least: way.leastDown ?? 0.7,
        },
      ];
      // Far from half of the limit in the best two seconds, and not above it. An emulated machine may stand still, so
      // that what falls short is tried again.
      const keeps = async ({ least, ...more }: (typeof cases)[number]) => {
        const { receive } = await runFlow({ ...flow, ...more, ...times });
        const reached = steadyRate(receive, { ...times, measureMs: 3000 }) / rate;
        assert.ok(reached < 1.1, `reached ${reached}`);
        return highestRate(receive, 2000) / rate > least;
      };
      let left = cases;
      for (let tries = 3; tries > 0 && left.length > 0; tries--) {
        const kept = await Promise.all(left.map(keeps));
        left = left.filter((_, index) => !kept[index]);
      }
      assert.deepEqual(left, []);
    });
  }
});

describe('a limit holds for packets of more than 64 KB, of connections that are older than it', function () {
  this.timeout(120_000);

  asRoot(() => needNoLimits());

  it('over IPv4 and IPv6', async () => {
    const [send, receive] = [networkNamespace(), networkNamespace()];
    joinNamespaces(send, receive);
    addIpv6(send, receive);
    allowLongPackets(send, 'nf0');
    allowLongPackets(receive, 'nf1');
    const flow = { namespaces: { send, receive }, warmUpMs: 0, measureMs: 60_000 };
    const limited = ['10.213.0.2', 'fd00:213::2'].flatMap((address, version) => [
      { address, program: pumpAs(`up${version}`), side: 'send' },
      { address, program: pumpAs(`down${version}`), side: 'receive' },
    ]);
    const running = await Promise.all(
      limited.map(({ address, program, side }) => startFlow({ ...flow, address, programs: { [side]: program } })),
    );
    // Or the command that limits them would take half a minute to start.
    for (const pid of running.flatMap(({ pids }) => Object.values(pids)))
      setPriority(pid, constants.priority.PRIORITY_LOW);
    await sleep(2000);
    const count = (name: string): number =>
      Number(inNamespace(send, 'cat', `/sys/class/net/nf0/statistics/tx_${name}`));
    await until('packets are longer', () => count('bytes') / count('packets') > 70_000);
    await applyRules(
      limited.map(({ program, side }) => (side === 'send' ? [program, '1MB', ''] : [program, '', '1MB'])),
    );
    await sleep(4000);
    const rates = (await Promise.all(running.map(({ end }) => end()))).map(({ receive: moved }) => {
      const last = moved.samples.at(-1)?.[0] ?? 0;
      return rateBetween(moved, last - 2500, last - 500) / MB;
    });
    assert.ok(Math.max(...rates) < 1.2 && Math.min(...rates) > 0.5, `reached ${rates.join()}`);
  });
});

function overBond(first: string, second: string): Flow {
  setUp(
    first,
    'ip link add bond0 type bond mode active-backup',
    'ip link set nf0 down',
    'ip link set nf0 master bond0',
    'ip link set bond0 up',
    'ip link add link bond0 name vlan7 type vlan id 7',
    'ip address add 10.218.0.1/24 dev vlan7',
    'ip link set vlan7 up',
  );
  setUp(
    second,
    'ip link add link nf1 name vlan7 type vlan id 7',
    'ip address add 10.218.0.2/24 dev vlan7',
    'ip link set vlan7 up',
  );
  return { address: '10.218.0.2' };
}

function throughWireGuard(...namespaces: [string, string]): Flow {
  const folder = temporaryFolder();
  const keys = namespaces.map((namespace) => {
    const file = join(folder, namespace);
    writeFileSync(file, runNow('wg', 'genkey'), { mode: 0o600 });
    return { file, text: runNow('bash', '-c', 'wg pubkey < "$1"', 'bash', file).trim() };
  });
  for (const [index, namespace] of namespaces.entries()) {
    const peer = `peer ${keys[1 - index]?.text} allowed-ips 10.219.0.0/24 endpoint 10.213.0.${2 - index}:5555`;
    setUp(
      namespace,
      'ip link add wg0 type wireguard',
      `wg set wg0 listen-port 5555 private-key ${keys[index]?.file} ${peer}`,
      `ip address add 10.219.0.${index + 1}/24 dev wg0`,
      'ip link set wg0 up',
    );
  }
  return { address: '10.219.0.2' };
}

function throughVrfs(first: string, second: string): Flow {
  const enslave = (link: string): string[] => [
    'ip link add vrf1 type vrf table 10',
    'ip link set vrf1 up',
    `ip link set ${link} master vrf1`,
  ];
  setUp(first, ...enslave('nf0'));
  setUp(second, ...enslave('nf1'));
  return { address: '10.213.0.2', device: 'vrf1' };
}

function throughIpsec(first: string, second: string): Flow {
  const key = `0x${'0123456789abcdef'.repeat(2)}01234567`;
  const [one, two] = ['10.213.0.1', '10.213.0.2'];
  for (const [namespace, own, other] of [
    [first, one, two],
    [second, two, one],
  ]) {
    const state = (from: string, to: string, number: number): string =>
      `ip xfrm state add src ${from} dst ${to} proto esp spi ${number} mode transport aead "rfc4106(gcm(aes))" ${key} 128`;
    const policy = (from: string, to: string, direction: string): string =>
      `ip xfrm policy add src ${from} dst ${to} dir ${direction} tmpl src ${from} dst ${to} proto esp mode transport`;
    setUp(
      namespace ?? '',
      state(one, two, 0x101),
      state(two, one, 0x102),
      policy(own ?? '', other ?? '', 'out'),
      policy(other ?? '', own ?? '', 'in'),
    );
  }
  return { address: two };
}

function behindExtensions(first: string, second: string): Flow {
  addIpv6(first, second);
  return { address: 'fd00:213::2', extended: true, bytes: 4000 };
}

function addIpv6(first: string, second: string): void {
  setUp(first, 'ip address add fd00:213::1/64 dev nf0 nodad');
  setUp(second, 'ip address add fd00:213::2/64 dev nf1 nodad');
}

/** Of both versions of IP, for which iproute2 has to be newer than Debian's. */
function allowLongPackets(namespace: string, link: string): void {
  const file = `/run/netns/${namespace}`;
  const [newLink, mostBytes] = [16, 200_000];
  const fields = { gso: 41, gro: 58, gsoIpv4: 63, groIpv4: 64 };
  const header = Buffer.alloc(16);
  header.writeInt32LE(Number(inNamespace(namespace, 'cat', `/sys/class/net/${link}/ifindex`)), 4);
  const attributes = Object.values(fields).map((field) => attribute(field, mostBytes));
  enterNamespace(loadLibc(), { file, inode: inodeOf(file) ?? 0 }, () => {
    using socket = new NetlinkSocket();
    socket.perform([{ message: message(newLink, 0, header, attributes), failure: 'long packets' }]);
  });
}
