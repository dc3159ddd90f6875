import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { onCleanUp } from '../support/cleanup.js';
import { run, runNow, sleep, start, until } from '../support/commands.js';
import { entry } from '../support/paths.js';
import { address, inNamespace, joinNamespaces, networkNamespace, setUp } from './support/environment.js';
import { limit, limits, MB, removeLimits, withoutLimits } from './support/limits.js';
import { driverStatus, netflow, startDriver, stopDriver } from './support/netflow.js';
import { pumpAs, runFlow, startFlow, steadyRate } from './support/pump.js';

const times = { warmUpMs: 500, measureMs: 2000 };
const queueDevice = 1_313_361_921;

/** By what tc and ip can do, to the device that limits send packets to. */
const tampering = {
  'the queue is deleted': 'tc qdisc delete dev DEVICE root',
  'the queue is another kind': 'tc qdisc replace dev DEVICE root pfifo',
  'the filter is deleted': 'tc filter delete dev DEVICE parent 1:',
  'a filter goes before it': 'tc filter add dev DEVICE parent 1: prio 1 protocol all bpf bytecode "1,6 0 0 0,"',
  'the classes are changed':
    'for id in $(tc class show dev DEVICE | cut -d" " -f3); do tc class change dev DEVICE parent 1: classid $id htb rate 10gbit; done',
  'the classes have others below them':
    'for id in $(tc class show dev DEVICE | cut -d" " -f3); do tc class add dev DEVICE parent $id classid 1:f00${id#1:} htb rate 10gbit; done; true',
  'the device is down': 'ip link set DEVICE down',
  'the device is deleted': 'ip link delete DEVICE',
};

/** The part of its limit of 1 MB/s that a connection has once it has been tampered with. */
async function reachedAfter(command: string, program: string): Promise<number> {
  const namespaces = { send: networkNamespace(), receive: networkNamespace() };
  joinNamespaces(namespaces.send, namespaces.receive);
  const flow = { namespaces, address: '10.213.0.2', programs: { send: program }, warmUpMs: 0, measureMs: 11_500 };
  const running = await startFlow(flow);
  await sleep(1000);
  inNamespace(namespaces.send, 'sh', '-c', command.replaceAll('DEVICE', queueIn(namespaces.send)));
  const { receive } = await running.result;
  // TCP may wait as long again as its packets were lost.
  return steadyRate(receive, { warmUpMs: 9000, measureMs: 2000 }) / MB;
}

function queueIn(namespace: string): string {
  return /^\d+: (netflow\d+)@/mu.exec(inNamespace(namespace, 'ip', '-o', 'link', 'show', 'type', 'macvlan'))?.[1] ?? '';
}

describe('the devices of limits', () => {
  let namespace = '';
  let other = '';

  withoutLimits();
  beforeEach(() => {
    namespace = networkNamespace();
    other = networkNamespace();
    joinNamespaces(namespace, other);
  });

  const inside = (...command: string[]): string => inNamespace(namespace, ...command);
  const across = () => ({ ...times, namespaces: { send: namespace, receive: other }, address: '10.213.0.2' });
  const queueThere = (): string => queueIn(namespace);
  const programs = (name: string) => ({ programs: { send: pumpAs(name) } });

  /** Has the limit hold in the namespace, so that all is there. */
  async function assertHeld(flow: Parameters<typeof runFlow>[0], rate = MB): Promise<void> {
    const { receive } = await runFlow({ ...across(), ...flow });
    const reached = steadyRate(receive, times) / rate;
    assert.ok(Math.abs(reached - 1) < 0.1, `reached ${reached}`);
  }

  it("are beside the user's of the same names, which stay", async () => {
    inside('ip', 'link', 'add', 'netflow0', 'type', 'bridge');
    runNow('ip', 'link', 'add', 'netflow1', 'type', 'bridge');
    onCleanUp(() => void spawnSync('ip', ['link', 'delete', 'netflow1']));
    const flow = programs('beside');
    await limit('--path', flow.programs.send, '--upload', MB);
    await until('it is covered', () => queueThere() !== '', 5);
    await assertHeld(flow);
    await removeLimits();
    await stopDriver();
    const bridges = (text: string): string[] => [...text.matchAll(/netflow\d+/gu)].map(([name]) => name);
    assert.deepEqual(bridges(inside('ip', '-o', 'link')), ['netflow0']);
    assert.deepEqual(bridges(runNow('ip', '-o', 'link')), ['netflow1']);
    runNow('ip', 'link', 'delete', 'netflow1');
    await startDriver();
  });

  it('are not made where somebody has one of their numbers, and the limit is not saved', async () => {
    runNow('ip', 'link', 'add', 'foreign', 'index', String(queueDevice), 'type', 'bridge');
    try {
      const { code, stderr } = await netflow('limit', 'set', '--path', pumpAs('refused'), '--upload', MB);
      assert.equal(code, 3);
      assert.match(stderr, /^netflow: The device foreign has the number 1313361921, .*no limit is held there\.\n$/u);
      assert.deepEqual(await limits(), []);
      assert.match(runNow('ip', '-o', 'link'), /foreign/u);
      assert.doesNotMatch(runNow('ip', '-o', 'link', 'show', 'type', 'macvlan'), /netflow/u);
    } finally {
      runNow('ip', 'link', 'delete', 'foreign');
    }
  });

  it('are named by `driver status` where they can not be, while the limit holds elsewhere', async () => {
    inside('ip', 'link', 'add', 'foreign', 'index', String(queueDevice), 'type', 'bridge');
    const flow = programs('elsewhere');
    await limit('--path', flow.programs.send, '--upload', MB);
    await assertHeld({ ...flow, namespaces: { send: other, receive: other }, address: '127.0.0.1' });
    const { requirements } = await driverStatus();
    const row = requirements.find(({ name }) => name === 'network namespaces, for limits');
    assert.match(row?.detail ?? '', /^\d+: The device foreign has the number 1313361921/u);
    assert.match(inside('ip', '-o', 'link'), /foreign/u);
  });

  it('hold on an interface that is made again with its old number', async () => {
    const flow = programs('again');
    await limit('--path', flow.programs.send, '--upload', MB);
    await assertHeld(flow);
    const index = inside('cat', '/sys/class/net/nf0/ifindex').trim();
    inside('sh', '-c', `ip link delete nf0 && ip link add nf0 index ${index} type veth peer name nf1 netns ${other}`);
    setUp(namespace, ...address('nf0', '10.213.0.1/24'));
    setUp(other, ...address('nf1', '10.213.0.2/24'));
    await sleep(1000);
    await assertHeld(flow);
  });

  it('are made anew, whatever is done to them', async () => {
    const program = pumpAs('tampered');
    await limit('--path', program, '--upload', MB);
    // TCP whose packets were lost for long may still wait: what falls short is tried again, and nothing may be faster.
    let left = Object.entries(tampering);
    for (let tries = 3; tries > 0 && left.length > 0; tries--) {
      const reached = await Promise.all(left.map(([, command]) => reachedAfter(command, program)));
      assert.ok(Math.max(...reached) < 1.1, `reached ${reached.join()}`);
      left = left.filter((_, index) => (reached[index] ?? 0) < 0.9);
    }
    assert.deepEqual(left, []);
  });

  it('are not with a second driver, which finds the first, and leaves it as it is', async () => {
    const flow = programs('first');
    await limit('--path', flow.programs.send, '--upload', MB);
    await assertHeld(flow);
    const inContainer = `for folder in /run/netflow /var/lib/netflow; do mount -t tmpfs none $folder; done
      mount -t bpf -o mode=700 none /sys/fs/bpf
      "$0" "$1" limit set --path /usr/bin/env --upload 2MB; echo "ended with $?"; "$0" "$1" driver stop`;
    const unshare = ['--mount', '--propagation', 'private', 'sh', '-c', inContainer, process.execPath, entry];
    const { stdout, stderr } = await run('unshare', unshare);
    assert.match(stdout, /^ended with 3$/mu);
    assert.match(stderr, /^netflow: Another NetFlow driver runs on this machine/mu);
    await assertHeld(flow);
  });

  it('have gone with the last limit when the command ends', async () => {
    await limit('--path', pumpAs('last'), '--upload', MB);
    await removeLimits();
    assert.doesNotMatch(runNow('ip', '-o', 'link'), /netflow\d/u);
  });

  it('go when the driver is stopped, though its pins have gone before', async () => {
    await limit('--path', pumpAs('orphan'), '--upload', MB);
    await until('it is covered', () => queueThere() !== '', 5);
    runNow('rm', '-r', '/sys/fs/bpf/netflow');
    await stopDriver();
    assert.equal(queueThere(), '');
    assert.doesNotMatch(runNow('ip', '-o', 'link', 'show', 'type', 'veth'), /netflow/u);
    await startDriver();
  });

  it("are in a user's own namespace where a limited process is, with the classes of that alone", async () => {
    const program = pumpAs('own');
    const unshared = (...command: readonly string[]): string =>
      String(start('unshare', ['--user', '--map-root-user', '--net', ...command], { stdio: 'ignore' }).pid);
    const [idle, used] = [unshared('sleep', '60'), unshared(program, 'receive', '0.0.0.0', 'tcp', '1', '0', '50000')];
    const shown = (pid: string, ...command: readonly string[]): string =>
      runNow('nsenter', '-t', pid, '-n', ...command);
    await limit('--path', pumpAs('hidden'), '--upload', 1_234_567);
    await limit('--path', program, '--upload', MB);
    const classes = (): string => shown(used, 'tc', 'class', 'show', 'dev', 'netflow0');
    await until('it is covered', () => shown(used, 'ip', '-o', 'link').includes('netflow0') && classes() !== '', 5);
    assert.match(classes(), /rate 8388Kbit/u);
    assert.doesNotMatch(classes(), /rate 9876Kbit/u);
    assert.doesNotMatch(shown(idle, 'ip', '-o', 'link'), /netflow/u);
  });
});
