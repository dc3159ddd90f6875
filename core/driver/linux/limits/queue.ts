import { closeSync } from 'node:fs';
import { NetFlowError } from '../../../errors.js';
import { layout } from '../layout.generated.js';
import { failWith, loadLibbpf } from '../libbpf.js';
import { objectId } from '../object-info.js';
import type { Link } from '../netlink/links.js';
import { NetlinkSocket, type Request } from '../netlink/socket.js';
import {
  deleteClass,
  readClassifiers,
  readHtbClasses,
  readQueue,
  setClassifier,
  setHtb,
  setHtbClass,
  type ClassReading,
} from '../netlink/traffic-control.js';
import { programPath } from '../paths.js';
import { areDevicesWhole, foreignDevice, bringUpDevices, freeNames, makeDevices, removeDevices } from './devices.js';

const { queueDevice, chargedHeader } = layout;

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

/** HTB's number; a class's is in the lower half. */
const major = layout.queueHandle << 16;
const queue = { device: queueDevice, handle: major };

/** Why there can be no queue in this thread's network namespace; null where there can. */
export function queueProblem(): string | null {
  using socket = new NetlinkSocket();
  const foreign = foreignDevice(socket);
  return foreign && foreignText(foreign);
}

/** Makes the devices and the queue in this thread's network namespace, or nothing. */
export function makeQueue(classes: readonly QueueClass[]): void {
  using socket = new NetlinkSocket();
  const foreign = foreignDevice(socket);
  if (foreign) throw new NetFlowError('DRIVER_UNAVAILABLE', foreignText(foreign));
  try {
    makeDevices(socket);
    socket.perform([setHtb(queue, -chargedHeader), ...classes.flatMap(classRequests)]);
    withClassifier((fd) => socket.perform([setClassifier(queue, { fd, name: classifier })]));
    bringUpDevices(socket);
  } catch (error) {
    removeDevices(socket);
    throw error;
  }
}

/** The names that makeQueue() would give its devices. */
export function queueNames(): string[] {
  using socket = new NetlinkSocket();
  return freeNames(socket);
}

export function removeQueue(): void {
  using socket = new NetlinkSocket();
  removeDevices(socket);
}

/**
 * Those of these classes that are not as they are to be in this thread's network namespace; null where somebody who may
 * has changed the queue so that it can't hold anything.
 */
export function changedClasses(classes: readonly QueueClass[]): QueueClass[] | null {
  using socket = new NetlinkSocket();
  if (!areDevicesWhole(socket) || !isQueueWhole(socket)) return null;
  const found = readHtbClasses(socket, queueDevice);
  if (found.some(({ isOuter }) => !isOuter)) return null; // what has a class below it holds nothing itself
  const there = new Map(found.map((reading) => [reading.handle - major, reading]));
  return classes.filter((wanted) => !isAsWanted(there.get(wanted.id), wanted));
}

function isQueueWhole(socket: NetlinkSocket): boolean {
  const { kind, handle, overhead } = readQueue(socket, queueDevice) ?? {};
  if (kind !== 'htb' || handle !== major || overhead !== -chargedHeader) return false;
  const programs = readClassifiers(socket, queue);
  return programs.length === 1 && programs[0] === withClassifier(objectId);
}

function isAsWanted(found: ClassReading | undefined, { rate }: QueueClass): boolean {
  const wanted = Math.round(rate);
  return found?.rate === wanted && found.mostRate === wanted && found.burstSeconds <= burstSeconds;
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
 * How much of its rate a class may burst after an idle period. BBR sends next to nothing for 200 ms of every ten
 * seconds, and machines stall: with a burst of 10 ms a connection over 20 ms reaches 98.1 % of its limit, with this
 * 99.3. Ten seconds may exceed the limit by as much: 1.5 %.
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

function foreignText({ name, index }: Link): string {
  return `The device ${name} has the number ${index}, which a device of NetFlow's has to have: no limit is held there.`;
}

const classifier = 'netflow_classify';

function withClassifier<Result>(work: (fd: number) => Result): Result {
  const libbpf = loadLibbpf();
  const fd = libbpf.open(programPath(classifier));
  if (fd < 0) failWith(libbpf, `The driver's program ${classifier} can't be opened`);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

function perform(requests: readonly Request[]): void {
  if (requests.length === 0) return;
  using socket = new NetlinkSocket();
  socket.perform(requests);
}
