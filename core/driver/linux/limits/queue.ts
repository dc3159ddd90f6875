import { closeSync } from 'node:fs';
import { layout } from '../layout.generated.js';
import { failWith, loadLibbpf } from '../libbpf.js';
import {
  addPrivateMacvlan,
  addVeth,
  bringUp,
  deleteLink,
  readLinks,
  withoutAddresses,
  type NewLink,
} from '../netlink/links.js';
import { NetlinkSocket, type Request } from '../netlink/socket.js';
import { deleteClass, readHtbClasses, setClassifier, setHtb, setHtbClass } from '../netlink/traffic-control.js';
import { programPath } from '../paths.js';

const { queueDevice, lowerDevice, peerDevice, splitDevice } = layout;
export const ownDevices: readonly number[] = [queueDevice, lowerDevice, peerDevice, splitDevice];

/** HTB takes no rate of its own for "no limit". */
const unlimitedRate = 100_000_000_000;

/** A class of HTB and its rate in bytes per second. */
export interface QueueClass {
  id: number;
  rate: number;
}

/** What waits in a class. */
export interface ClassState {
  id: number;
  waitingBytes: number;
  droppedPackets: number;
}

/** Packets of every size go through them whole. */
const mtu = 65_535;
const names = new Map<number, string>([
  [lowerDevice, 'netflow1'],
  [queueDevice, 'netflow0'],
  [splitDevice, 'netflow3'],
  [peerDevice, 'netflow2'],
]);

/** HTB's number; a class's is in the lower half. */
const major = layout.queueHandle << 16;
const queue = { device: queueDevice, handle: major };

/** Makes the devices and the queue in this thread's network namespace. */
export function makeQueue(): void {
  using socket = new NetlinkSocket();
  // What is not there yet is asked for alone: what comes after it goes by its number, which may be somebody else's.
  socket.perform([addVeth(device(lowerDevice), device(peerDevice))]);
  socket.perform([addPrivateMacvlan({ ...device(queueDevice), queueLength: 10_000, queues: 1 }, lowerDevice)]);
  socket.perform([addPrivateMacvlan({ ...device(splitDevice), largestSegments: 1 }, lowerDevice)]);
  socket.perform([...ownDevices.map(withoutAddresses), setHtb(queue, -layout.chargedHeader)]);
  addClassifier(socket);
  socket.perform([peerDevice, lowerDevice, queueDevice, splitDevice].map(bringUp));
}

/** Takes them away with all that waits there. A device of the user's with one of their names or numbers stays. */
export function removeQueue(): void {
  using socket = new NetlinkSocket();
  const there = new Map(readLinks(socket).map(({ index, name }) => [index, name]));
  const own = [...names].filter(([index, name]) => there.get(index) === name);
  socket.perform(own.map(([index]) => deleteLink(index)));
}

/** Adds classes, or changes those that are there: what waits in them goes on at the new rate. */
export function setClasses(classes: readonly QueueClass[]): void {
  perform(classes.flatMap(classRequests));
}

/** Lets all that waits in the classes go at once. */
export function releaseClasses(ids: readonly number[]): void {
  setClasses(ids.map((id) => ({ id, rate: unlimitedRate })));
}

export function removeClasses(ids: readonly number[]): void {
  perform(ids.map((id) => deleteClass(classPlace(id))));
}

/** What is in the classes of this thread's network namespace. */
export function classStates(): ClassState[] {
  using socket = new NetlinkSocket();
  return readHtbClasses(socket, queueDevice).map(({ handle, ...state }) => ({ ...state, id: handle - major }));
}

/** Bytes. HTB saves time, so a class that is slowed down again would otherwise go on with what its fast rate saved. */
const largestBurst = 2 ** 28;

/**
 * How much of its rate a class that has stood still may make good. BBR sends next to nothing for 200 ms of every ten
 * seconds, and machines stall: with a burst of 10 ms a connection over 20 ms has 98.1 % of its limit, with this 99.3. It
 * is what any ten seconds may have more than the limit: 1.5 %.
 */
const burstSeconds = 0.15;

/** Less makes a rate depend on the precision of timers. */
const leastBurstSeconds = 0.01;

/**
 * HTB gives a class that it makes a full burst, and one that it changes none: so a process that is given a class of its
 * own while it sends has no second one.
 */
function classRequests({ id, rate }: QueueClass): Request[] {
  return [leastBurstSeconds, burstSeconds].map((seconds) =>
    setHtbClass(classPlace(id), { rate, burstSeconds: Math.min(seconds, largestBurst / rate), quantum: 60_000 }),
  );
}

function classPlace(id: number): typeof queue {
  return { device: queueDevice, handle: major + id };
}

function addClassifier(socket: NetlinkSocket): void {
  const name = 'netflow_classify';
  const libbpf = loadLibbpf();
  const fd = libbpf.open(programPath(name));
  if (fd < 0) failWith(libbpf, `The driver's program ${name} can't be opened`);
  try {
    socket.perform([setClassifier(queue, { fd, name })]);
  } finally {
    closeSync(fd);
  }
}

function device(index: number): NewLink {
  return { index, name: names.get(index) ?? '', mtu };
}

function perform(requests: readonly Request[]): void {
  if (requests.length === 0) return;
  using socket = new NetlinkSocket();
  socket.perform(requests);
}
