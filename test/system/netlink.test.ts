import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import koffi from 'koffi';
import { libbpfName, loadLibbpf } from '../../core/driver/linux/libbpf.js';
import { loadLibc } from '../../core/driver/linux/libc.js';
import { inNamespace as inside } from '../../core/driver/linux/limits/namespaces.js';
import { socketCalls } from '../../core/driver/linux/netlink/calls.js';
import {
  addPrivateMacvlan,
  addVeth,
  bringUp,
  deleteLink,
  readLinks,
  setAlias,
  withoutAddresses,
} from '../../core/driver/linux/netlink/links.js';
import { namespaceId } from '../../core/driver/linux/netlink/namespace-ids.js';
import { NetlinkSocket, type Request } from '../../core/driver/linux/netlink/socket.js';
import {
  deleteClass,
  readHtbClasses,
  setClassifier,
  setHtb,
  setHtbClass,
} from '../../core/driver/linux/netlink/traffic-control.js';
import { ChangeWatcher, ownId } from '../../core/driver/linux/netlink/watcher.js';
import { cleanUp, onCleanUp } from '../support/cleanup.js';
import { until } from '../support/commands.js';
import { isRoot, skipWithout } from '../support/machine.js';
import { inNamespace, networkNamespace } from './support/environment.js';

const [upper, lower, peer] = [71, 72, 73];
const queue = { device: upper, handle: 0x1_0000 };
const rates = [1_000, 1_000_000, 123_456_700, 5_000_000_000];
const bursts = [0.01, 0.05];

const sendDatagrams = `
  const socket = require('node:dgram').createSocket('udp4');
  let sent = 0;
  const count = () => ++sent === 8 && socket.close();
  for (let at = 0; at < 8; at++) socket.send(Buffer.alloc(1000), 9, '127.0.0.1', count);
`;

describe('netlink', () => {
  before(function () {
    if (!isRoot()) skipWithout(this, 'only root may make devices');
  });
  afterEach(cleanUp);

  it('devices are those that ip makes', async () => {
    const [made, expected] = [networkNamespace(), networkNamespace()];
    perform(made, ...devices());
    batch(expected, 'ip', devicesByIp);
    const isSame = (): boolean => isDeepStrictEqual(shownLinks(made), shownLinks(expected));
    // The kernel shows a device as running a moment after it does.
    await until('they are the same', isSame, 3).catch(() => undefined);
    assert.deepEqual(shownLinks(made), shownLinks(expected));
    assert.equal(shownLinks(made).length, 4);
  });

  it('the queue, its program and its classes are those that tc makes, before and after a change', () => {
    const program = pinnedProgram();
    const fd = loadLibbpf().open(program);
    const [made, expected] = [networkNamespace(), networkNamespace()];
    for (const namespace of [made, expected]) perform(namespace, ...devices());
    perform(made, setHtb(queue, -86), setClassifier(queue, { fd, name: 'netflow_classify:[*fsobj]' }), ...classes());
    closeSync(fd);
    batch(expected, 'tc', [
      'qdisc replace dev upper root handle 1: stab overhead -86 linklayer ethernet htb default 0 direct_qlen 0',
      `filter replace dev upper parent 1: handle 1 prio 1 protocol all bpf da object-pinned ${program} classid 1:`,
      ...classesByTc(),
    ]);
    for (const what of [['qdisc'], ['class'], ['filter', 'parent', '1:']]) {
      const [kind = '', ...more] = what;
      const show = (namespace: string): string =>
        inNamespace(namespace, 'tc', '-s', '-d', kind, 'show', 'dev', 'upper', ...more);
      assert.match(show(made), /htb|bpf/u);
      assert.equal(show(made), show(expected));
    }
  });

  it('a device without IPv6, as they all are where the machine has none, needs no word about its addresses', () => {
    const tooShortForIpv6 = { mtu: 1000 };
    perform(
      networkNamespace(),
      addVeth({ index: lower, name: 'lower', ...tooShortForIpv6 }, { index: peer, name: 'peer', ...tooShortForIpv6 }),
      withoutAddresses(lower),
    );
  });

  it('what is changed is heard of, in namespaces that have a number, and nothing of others', async () => {
    const [known, unknown] = [networkNamespace(), networkNamespace()];
    perform(known, ...devices());
    using socket = new NetlinkSocket();
    const fd = openSync(`/run/netns/${known}`, 'r');
    const id = namespaceId(socket, fd);
    assert.equal(namespaceId(socket, fd), id);
    closeSync(fd);
    const watcher = new ChangeWatcher();
    onCleanUp(() => watcher.close());
    const heard = async (): Promise<number[]> => {
      await watcher.wait(1000);
      return watcher.take().filter((number) => number !== ownId);
    };
    perform(known, setHtb(queue, 0));
    assert.deepEqual(await heard(), [id]);
    perform(unknown, ...devices());
    perform(known, deleteLink(lower));
    assert.deepEqual(await heard(), [id]);
  });

  it('what waits in a class and what was dropped is what tc shows', () => {
    const namespace = networkNamespace();
    const lo = { device: 1, handle: 0x1_0000 };
    perform(namespace, setHtb(lo, 0), setHtbClass({ ...lo, handle: 0x1_0002 }, settings(1_000, 0.01)));
    inNamespace(namespace, 'tc', 'qdisc', 'add', 'dev', 'lo', 'parent', '1:2', 'handle', '2:', 'pfifo', 'limit', '3');
    inNamespace(namespace, 'tc', 'filter', 'add', 'dev', 'lo', 'parent', '1:', 'bpf', 'bytecode', '1,6 0 0 65538,');
    inNamespace(namespace, process.execPath, '-e', sendDatagrams);
    const text = inNamespace(namespace, 'tc', '-s', 'class', 'show', 'dev', 'lo');
    const [reading] = within(namespace, (socket) => readHtbClasses(socket, 1));
    assert.deepEqual(reading, {
      handle: 0x1_0002,
      isOuter: true,
      rate: 1_000,
      mostRate: 1_000,
      burstSeconds: 0.01,
      waitingBytes: Number(/backlog (\d+)b/u.exec(text)?.[1]),
      droppedPackets: Number(/dropped (\d+)/u.exec(text)?.[1]),
    });
    assert.ok(reading.waitingBytes > 1000 && reading.droppedPackets > 0, text);
  });

  it('devices are listed as they are, and go with the one below them; what has gone is no error', () => {
    const namespace = networkNamespace();
    within(namespace, (socket) => {
      socket.perform([...devices(), setAlias(upper, 'held by a test')]);
      const link = readLinks(socket).find(({ index }) => index === upper);
      assert.deepEqual(link, {
        index: upper,
        name: 'upper',
        kind: 'macvlan',
        alias: 'held by a test',
        mtu: 65_535,
        isUp: true,
        master: 0,
      });
      socket.perform([deleteLink(lower)]);
      assert.deepEqual(
        readLinks(socket).map(({ name }) => name),
        ['lo'],
      );
      socket.perform([deleteLink(lower)]);
    });
  });

  it("a refusal has the kernel's number and its words", () => {
    const namespace = networkNamespace();
    perform(namespace, ...devices());
    refuses(
      namespace,
      addVeth({ index: 81, name: 'upper' }, { index: 82, name: 'other' }),
      /^The device upper can't be added: file already exists\.$/u,
    );
    refuses(
      namespace,
      setHtb({ ...queue, device: 99 }, 0),
      /^The device 99 can't be given an HTB queue: no such device/u,
    );
    refuses(
      namespace,
      setClassifier(queue, { fd: 0, name: 'none' }),
      /^The device 71 can't be given the program none: invalid argument \(Parent Qdisc .*\w\)\.$/u,
    );
    assert.deepEqual(
      within(namespace, (socket) => readHtbClasses(socket, 99)),
      [],
    );
  });

  it('a thousand classes are made, listed and removed at once, whatever is refused between', () => {
    const namespace = networkNamespace();
    perform(namespace, ...devices(), setHtb(queue, 0));
    const places = Array.from({ length: 1000 }, (_, at) => ({ device: upper, handle: 0x1_0002 + at }));
    const without = setHtbClass({ device: upper, handle: 0x1_fff0 }, settings(0, 1));
    within(namespace, (socket) => {
      const requests = places.map((place) => setHtbClass(place, settings(1_000_000, 0.15)));
      assert.throws(
        () => socket.perform([...requests.slice(0, 990), without, ...requests.slice(990)]),
        /class 65520 /u,
      );
      assert.equal(readHtbClasses(socket, upper).length, places.length);
      socket.perform(places.map(deleteClass));
      socket.perform(places.map(deleteClass));
      assert.deepEqual(readHtbClasses(socket, upper), []);
    });
  });

  it('a socket stays in the namespace that it was made in', () => {
    const namespace = networkNamespace();
    perform(namespace, ...devices());
    let socket: NetlinkSocket | undefined;
    enter(namespace, () => (socket = new NetlinkSocket()));
    using kept = socket;
    assert.equal(kept && readLinks(kept).length, 5);
  });

  it('nobody but the kernel can send to a socket', () => {
    within(networkNamespace(), () => {
      const calls = socketCalls();
      const forger = calls.socket(16, 3, 0);
      const address = Buffer.from(Uint32Array.of(16, process.pid, 0).buffer);
      assert.equal(calls.connect(forger, address, address.length), 0);
      assert.equal(calls.send(forger, Buffer.alloc(16), 16, 0), -1);
      const connectionRefused = 111;
      assert.equal(koffi.errno(), connectionRefused);
      closeSync(forger);
    });
  });
});

function devices(): Request[] {
  return [
    addVeth({ index: lower, name: 'lower', mtu: 65_535 }, { index: peer, name: 'peer', mtu: 65_535 }),
    addPrivateMacvlan({ index: upper, name: 'upper', mtu: 65_535, queueLength: 10_000, queues: 1 }, lower),
    addPrivateMacvlan({ index: 74, name: 'split', mtu: 65_535, largestSegments: 1 }, lower),
    ...[upper, lower, peer, 74].map(withoutAddresses),
    ...[upper, lower, peer].map(bringUp),
  ];
}

const devicesByIp = [
  `link add lower index ${lower} mtu 65535 type veth peer name peer index ${peer} mtu 65535`,
  `link add link lower name upper index ${upper} mtu 65535 txqueuelen 10000 numtxqueues 1 type macvlan mode private`,
  'link add link lower name split index 74 mtu 65535 gso_max_segs 1 type macvlan mode private',
  ...['upper', 'lower', 'peer', 'split'].map((name) => `link set ${name} addrgenmode none`),
  ...['upper', 'lower', 'peer'].map((name) => `link set ${name} up`),
];

function settings(rate: number, burstSeconds: number): Parameters<typeof setHtbClass>[1] {
  return { rate, burstSeconds, quantum: 60_000 };
}

/** Each is made with one burst, and changed to the other one. */
function classes(): Request[] {
  return rates.flatMap((rate, at) =>
    bursts.map((seconds) => setHtbClass({ device: upper, handle: 0x1_0002 + at }, settings(rate, seconds))),
  );
}

function classesByTc(): string[] {
  return rates.flatMap((rate, at) =>
    bursts.map((seconds) => {
      const burst = `burst ${rate * seconds} cburst ${rate * seconds}`;
      return `class replace dev upper parent 1: classid 1:${at + 2} htb rate ${rate}bps ceil ${rate}bps ${burst} quantum 60000`;
    }),
  );
}

/** A program that lets the queue decide, in a bpffs of its own: what is tried here needs no driver. */
function pinnedProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-netlink-'));
  onCleanUp(() => rmdirSync(folder));
  loadLibc().mountBpffs(folder);
  onCleanUp(() => loadLibc().unmount(folder));
  const load = koffi
    .load(libbpfName)
    .func('int bpf_prog_load(int type, const char *, const char *, const void *code, size_t count, void *)');
  const trafficControl = 3;
  const returnZero = Buffer.from('b7000000000000009500000000000000', 'hex');
  const fd = load(trafficControl, 'netflow_classify', 'GPL', returnZero, 2, null) as number;
  const path = join(folder, 'netflow_classify');
  assert.equal(loadLibbpf().pin(fd, path), 0);
  closeSync(fd);
  return path;
}

/** What ip says about the namespace's devices, but for the addresses, which are drawn by lot. */
function shownLinks(namespace: string): unknown[] {
  const all = JSON.parse(inNamespace(namespace, 'ip', '-d', '-j', 'link')) as ({ ifname: string } & object)[];
  return all.filter(({ ifname }) => ifname !== 'lo').map((link) => ({ ...link, address: '' }));
}

function enter(namespace: string, work: () => void): void {
  const file = `/run/netns/${namespace}`;
  assert.ok(inside(loadLibc(), { inode: statSync(file).ino, file }, work));
}

function within<Result>(namespace: string, work: (socket: NetlinkSocket) => Result): Result {
  let result: Result | undefined;
  enter(namespace, () => {
    using socket = new NetlinkSocket();
    result = work(socket);
  });
  return result as Result;
}

function perform(namespace: string, ...requests: Request[]): void {
  within(namespace, (socket) => socket.perform(requests));
}

function refuses(namespace: string, request: Request, message: RegExp): void {
  assert.throws(() => perform(namespace, request), { name: 'NetFlowError', code: 'DRIVER_UNAVAILABLE', message });
}

function batch(namespace: string, program: string, commands: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', namespace, program, '-batch', '-'], { input: `${commands.join('\n')}\n` });
}
