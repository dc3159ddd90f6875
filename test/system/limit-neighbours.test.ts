import assert from 'node:assert/strict';
import { once } from 'node:events';
import { onCleanUp } from '../support/cleanup.js';
import { startedAgent } from './support/agent.js';
import { clientPath } from './support/clients.js';
import { runNow, sleep, start } from '../support/commands.js';
import { address, inNamespace, joinNamespaces, networkNamespace, setUp } from './support/environment.js';
import { assertNothingAdded, traces } from './support/kernel.js';
import { applyRules, limit, MB, mostInASecond, removeLimits, needNoLimits, withoutLimits } from './support/limits.js';
import { asRoot, startDriver, stopDriver } from './support/netflow.js';
import {
  fairness,
  highestRate,
  now,
  pumpAs,
  rateBetween,
  runFlow,
  startFlow,
  steadyRate,
  untilEnded,
} from './support/pump.js';

const brief = { warmUpMs: 500, measureMs: 2500 };

describe('limits leave alone what is not theirs', () => {
  let namespace = '';
  let other = '';

  withoutLimits(async () => {
    namespace = networkNamespace();
    other = networkNamespace();
    joinNamespaces(namespace, other);
    await needNoLimits();
  });

  const inside = (...command: string[]): string => inNamespace(namespace, ...command);
  const across = () => ({ namespaces: { send: namespace, receive: other }, address: '10.213.0.2' });

  async function assertHeld(flow: Parameters<typeof runFlow>[0], rate: number): Promise<void> {
    const { receive } = await runFlow({ ...flow, ...brief });
    const reached = steadyRate(receive, { warmUpMs: 500, measureMs: 2000 }) / rate;
    assert.ok(Math.abs(reached - 1) < 0.03, `reached ${reached}`);
  }

  it("queueing disciplines and filters of the user's, which see each packet once", async () => {
    setUp(
      namespace,
      'tc qdisc add dev nf0 root handle 7: htb default 1',
      'tc class add dev nf0 parent 7: classid 7:1 htb rate 8gbit',
      'tc qdisc add dev nf0 clsact',
      'tc filter add dev nf0 egress protocol ip prio 3 u32 match ip dst 203.0.113.1 action mirred egress redirect dev nf0',
    );
    const setup = (): string =>
      [
        inside('tc', 'qdisc', 'show', 'dev', 'nf0'),
        inside('tc', 'class', 'show', 'dev', 'nf0').replace(/ tokens: .*/gu, ''),
        inside('tc', 'filter', 'show', 'dev', 'nf0', 'egress'),
      ].join('\n');
    const before = setup();
    const program = pumpAs('neighbour');
    await limit('--path', program, '--upload', 2 * MB);
    await assertHeld({ ...across(), programs: { send: program } }, 2 * MB);
    const bytes = Number(/Sent (\d+) bytes/u.exec(inside('tc', '-s', 'class', 'show', 'dev', 'nf0'))?.[1]);
    assert.ok(bytes > 5 * MB && bytes < 9 * MB, `the user's class saw ${bytes} bytes`);
    assert.equal(setup(), before);
    await removeLimits();
    assert.equal(setup(), before);
  });

  it('marks and NAT on loopback', async () => {
    const program = pumpAs('marked');
    await limit('--path', program, '--upload', 2 * MB, '--download', MB);
    inside(
      'nft',
      `table ip netflow_test {
      chain out { type filter hook output priority 0; oif lo meta mark set 0x77; }
      chain in { type filter hook prerouting priority 0; iif lo meta mark 0x77 counter; iif lo meta mark != 0x77 counter; }
      chain nat { type nat hook output priority -100; ip daddr 127.9.9.9 dnat to 127.0.0.1; }
    }`,
    );
    onCleanUp(() => inside('nft', 'delete', 'table', 'ip', 'netflow_test'));
    const namespaces = { send: namespace, receive: namespace };
    const up = { namespaces, programs: { send: program } };
    const down = { namespaces, programs: { receive: program } };
    await Promise.all([
      assertHeld(up, 2 * MB),
      assertHeld(down, MB),
      assertHeld({ ...up, connectTo: '127.9.9.9' }, 2 * MB),
      assertHeld({ ...down, connectTo: '127.9.9.9' }, MB),
      assertHeld({ ...up, protocol: 'udp', bytes: 1000 }, 2 * MB),
    ]);
    const counters = [...inside('nft', 'list', 'chain', 'ip', 'netflow_test', 'in').matchAll(/packets (\d+)/gu)];
    assert.ok(Number(counters[0]?.[1]) > 1000, 'packets with the mark are seen');
    assert.equal(Number(counters[1]?.[1]), 0, 'packets without it');
  });

  it('sysctls, interfaces and everything else once the driver has stopped', async () => {
    const settings = (): string[] =>
      runNow('sysctl', '-a', '--pattern', '^net\\.')
        .split('\n')
        .filter((line) => !/count|nr_|netflow|random|_mem |route_cache/u.test(line));
    await stopDriver();
    const [before, sysctls] = [traces(), settings()];
    await startDriver();
    const program = pumpAs('traceless');
    await limit('--path', program, '--upload', MB);
    assert.deepEqual(settings(), sysctls);
    assert.match(runNow('ip', '-brief', 'link'), /netflow0/u);
    await stopDriver();
    await assertNothingAdded(before); // the kernel frees the maps of a program that may sleep somewhat later
    assert.deepEqual(settings(), sysctls);
    assert.doesNotMatch(inside('ip', '-brief', 'link'), /netflow/u);
    await startDriver();
    await assertHeld({ programs: { send: program } }, MB);
  });

  it('flows that run while the driver stops: they go on without a limit', async () => {
    const program = pumpAs('freed');
    await limit('--path', program, '--upload', MB);
    const flow = await startFlow({ programs: { send: program }, connections: 8, ...untilEnded });
    await sleep(2000);
    await stopDriver();
    const stopped = now();
    await sleep(2200);
    const { receive } = await flow.end();
    assert.ok(rateBetween(receive, stopped + 500, stopped + 2000) > 50 * MB);
    assert.ok(fairness(receive) > 0.2, 'all of them go on');
    await startDriver();
  });

  it('datagrams that are forwarded, though a limited process takes their port from any address', async () => {
    const [sender, receiver] = [networkNamespace(), networkNamespace()];
    const router = networkNamespace();
    for (const [number, name] of [sender, receiver].entries()) {
      const [link, network] = [`to${number}`, `10.217.${number}`];
      const wire = `ip link add ${link} type veth peer name eth0 netns ${name}`;
      setUp(router, wire, ...address(link, `${network}.1/24`), 'sysctl -qw net.ipv4.ip_forward=1');
      setUp(name, ...address('eth0', `${network}.2/24`), `ip route add default via ${network}.1`);
    }
    const fast = pumpAs('fast');
    await limit('--path', fast, '--upload', 8 * MB);
    const listener = { pid: 0 };
    const times = { warmUpMs: 3000, measureMs: 2500 };
    const flow = await startFlow({
      ...times,
      protocol: 'udp',
      bytes: 1000,
      namespaces: { send: sender, receive: receiver },
      programs: { send: fast },
      address: '10.217.1.2',
      onPort: (port) => {
        const program = [process.execPath, '-e', `require('node:dgram').createSocket('udp4').bind(${port})`];
        listener.pid = start('ip', ['netns', 'exec', router, ...program]).pid ?? 0;
      },
    });
    await sleep(1000);
    await limit('--pid', listener.pid, '--download', MB);
    const { receive } = await flow.result;
    const rate = steadyRate(receive, { ...times, measureMs: 2000 });
    assert.ok(rate > 7 * MB, `${rate}`);
  });

  it('other processes of the machine', async () => {
    await limit('--path', pumpAs('limited'), '--upload', MB, '--download', MB);
    const { receive } = await runFlow(brief);
    assert.ok(steadyRate(receive, { warmUpMs: 500, measureMs: 2000 }) > 100 * MB);
  });
});

describe('limits reach', () => {
  asRoot(() => needNoLimits());

  it('network namespaces and interfaces that are made later, within a second', async () => {
    const program = pumpAs('later');
    await applyRules([[program, String(MB), '2MB']]);
    const [first, second] = [networkNamespace(), networkNamespace()];
    joinNamespaces(first, second);
    // The first socket of a namespace tells the driver of it.
    await runFlow({ namespaces: { send: first, receive: second }, address: '10.213.0.2', warmUpMs: 0, measureMs: 100 });
    await sleep(1000);
    const flow = { namespaces: { send: first, receive: second }, address: '10.213.0.2', ...brief };
    const up = await runFlow({ ...flow, programs: { send: program } });
    assert.ok(highestRate(up.receive, 1000) < mostInASecond(MB), `${highestRate(up.receive, 1000)}`);
    const down = await runFlow({ ...flow, programs: { receive: program } });
    assert.ok(highestRate(down.receive, 1000) < mostInASecond(2 * MB), `${highestRate(down.receive, 1000)}`);
    inNamespace(first, 'ip', 'link', 'delete', 'nf0');
    joinNamespaces(first, second);
    await sleep(1000);
    const again = await runFlow({ ...flow, programs: { send: program } });
    assert.ok(highestRate(again.receive, 1000) < mostInASecond(MB), `${highestRate(again.receive, 1000)}`);
  });

  it('tunnels, whose packets have no link-layer header, IPv4 and IPv6', async () => {
    const program = pumpAs('tunnelled');
    await applyRules([[program, '2MB', String(MB)]]);
    const [first, second] = [networkNamespace(), networkNamespace()];
    const ends = [`/run/netns/${first}`, 'tun0', `/run/netns/${second}`, 'tun0'];
    const wire = start(clientPath('wire'), ends, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(wire.stdout ?? wire, 'data');
    for (const [index, namespace] of [first, second].entries()) {
      const ipv6 = `ip address add fd00:216::${index + 1}/64 dev tun0 nodad`;
      setUp(namespace, ...address('tun0', `10.216.0.${index + 1}/24`), ipv6);
    }
    const namespaces = { send: first, receive: second };
    await runFlow({ namespaces, address: '10.216.0.2', warmUpMs: 0, measureMs: 100 });
    await sleep(1000);
    const cases = [
      { address: '10.216.0.2', programs: { send: program }, rate: 2 * MB },
      { address: 'fd00:216::2', programs: { receive: program }, rate: MB },
      { address: 'fd00:216::2', programs: { send: program }, rate: 2 * MB, protocol: 'udp', bytes: 300 },
    ] as const;
    await Promise.all(
      cases.map(async ({ rate, ...flow }) => {
        const { receive } = await runFlow({ ...flow, ...brief, namespaces });
        const reached = steadyRate(receive, { warmUpMs: 500, measureMs: 2000 }) / rate;
        assert.ok(Math.abs(reached - 1) < 0.03, `${JSON.stringify(flow)} reached ${reached}`);
      }),
    );
  });

  it('containers behind a bridge, whose packets pass several interfaces, once', async () => {
    const program = pumpAs('contained');
    await applyRules([[program, String(2 * MB), String(MB)]]);
    const [container, host] = [networkNamespace(), networkNamespace()];
    const port = `ip link add port0 type veth peer name eth0 netns ${container}`;
    setUp(host, 'ip link add bridge0 type bridge', ...address('bridge0', '10.215.0.1/24'));
    setUp(host, port, 'ip link set port0 master bridge0 up');
    setUp(container, ...address('eth0', '10.215.0.2/24'));
    await sleep(1000);
    // The first socket of a namespace tells the driver of it.
    const out = { namespaces: { send: container, receive: host }, address: '10.215.0.1' };
    await runFlow({ ...out, warmUpMs: 0, measureMs: 100 });
    await sleep(1000);
    const ways = [out, { namespaces: { send: host, receive: container }, address: '10.215.0.2' }];
    const limits = [
      { side: 'send', rate: 2 * MB },
      { side: 'receive', rate: MB },
    ];
    await Promise.all(
      ways.flatMap((way) =>
        limits.map(async ({ side, rate }) => {
          const { receive } = await runFlow({ ...way, ...brief, programs: { [side]: program } });
          const reached = steadyRate(receive, { warmUpMs: 500, measureMs: 2000 }) / rate;
          assert.ok(Math.abs(reached - 1) < 0.03, `${side} reached ${reached}`);
        }),
      ),
    );
  });

  it('an agent that was killed is not needed for limits to hold, and is back with the next change', async () => {
    const program = pumpAs('orphan');
    await applyRules([[program, String(MB), '']]);
    const agent = await startedAgent();
    process.kill(agent, 'SIGKILL');
    const held = await runFlow({ programs: { send: program }, ...brief });
    assert.ok(highestRate(held.receive, 1000) < mostInASecond(MB));
    await applyRules([[program, String(2 * MB), '']]);
    await startedAgent(agent);
  });
});
