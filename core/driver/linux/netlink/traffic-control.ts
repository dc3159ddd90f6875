import { errorNumbers } from '../errno.js';
import {
  attribute,
  flags,
  message,
  nested,
  numberOf,
  parseAttributes,
  structure,
  textOf,
  type Attributes,
  type Message,
} from './message.js';
import type { NetlinkSocket, Request } from './socket.js';

const types = {
  newQueue: 36,
  getQueue: 38,
  newClass: 40,
  deleteClass: 41,
  getClass: 42,
  newFilter: 44,
  getFilter: 46,
} as const;

/** Attributes of all kinds of queues, classes and filters: TCA_…, linux/rtnetlink.h. */
const field = { kind: 1, options: 2, statistics: 7, sizes: 8 } as const;
/** TCA_HTB_…, linux/pkt_sched.h. */
const htb = { parameters: 1, init: 2, directLength: 5, rate64: 6, ceil64: 7 } as const;

const root = 0xffff_ffff;
const ethernet = 1;

/** The kernel takes times for HTB in ticks of so many nanoseconds. */
const tickNanoseconds = 64;

/** A device's HTB queue, or something of it: `handle` has HTB's number in its upper half, a class's in its lower. */
export interface Place {
  device: number;
  handle: number;
}

/**
 * Gives a device a HTB queue in place of what it has. A packet counts for so many bytes more, or less, than it has; one
 * whose class isn't there is dropped.
 */
export function setHtb({ device, handle }: Place, overhead: number): Request {
  const sizesBase = 1;
  return {
    message: message(types.newQueue, flags.create | flags.replace, placeHeader(device, handle, root), [
      attribute(field.kind, 'htb'),
      attribute(field.options, [attribute(htb.init, htbInit()), attribute(htb.directLength, 0)]),
      attribute(field.sizes, [attribute(sizesBase, sizeSpecification(overhead))]),
    ]),
    failure: `The device ${device} can't be given an HTB queue`,
  };
}

/** Has a BPF program, open as `program`, name the class of every packet that comes to a queue. */
export function setClassifier({ device, handle }: Place, program: { fd: number; name: string }): Request {
  const [classId, fd, name, flagBits] = [3, 6, 7, 8];
  const [first, everyProtocol, direct] = [1, 0x0300, 1];
  return {
    message: message(types.newFilter, flags.create, placeHeader(device, first, handle, (first << 16) | everyProtocol), [
      attribute(field.kind, 'bpf'),
      attribute(field.options, [
        attribute(classId, handle),
        attribute(fd, program.fd),
        attribute(name, program.name),
        attribute(flagBits, direct),
      ]),
    ]),
    failure: `The device ${device} can't be given the program ${program.name}`,
  };
}

/** A class that lets through `rate` bytes per second, and after a pause what it then has for `burstSeconds` at once. */
export interface HtbClass {
  rate: number;
  burstSeconds: number;
  /** How many bytes it sends before it is another class's turn. */
  quantum: number;
}

/** Adds a class to its queue, or changes the one that is there. */
export function setHtbClass({ device, handle }: Place, { rate, burstSeconds, quantum }: HtbClass): Request {
  const bytes = BigInt(Math.round(rate));
  const specification = rateSpecification(bytes);
  const numbers = Buffer.alloc(20);
  const burst = Math.floor((burstSeconds * 1e9) / tickNanoseconds);
  numbers.writeUInt32LE(burst, 0);
  numbers.writeUInt32LE(burst, 4);
  numbers.writeUInt32LE(quantum, 8);
  const options = [attribute(htb.parameters, [specification, specification, numbers])];
  if (bytes >= 1n << 32n) options.push(attribute(htb.rate64, bytes), attribute(htb.ceil64, bytes));
  return {
    message: message(types.newClass, flags.create, placeHeader(device, handle, handle & ~0xffff), [
      attribute(field.kind, 'htb'),
      attribute(field.options, options),
    ]),
    failure: `The class ${handle & 0xffff} can't be set`,
  };
}

/** Removes a class and what waits in it; or finds that it has gone. */
export function deleteClass({ device, handle }: Place): Request {
  return {
    message: message(types.deleteClass, 0, placeHeader(device, handle, 0)),
    failure: `The class ${handle & 0xffff} can't be removed`,
    accepted: [errorNumbers.ENOENT],
  };
}

/** A class that is there, and what waits in it. */
export interface ClassReading {
  handle: number;
  /** False for one that stands below another class. */
  isOuter: boolean;
  /** Bytes per second; what it may borrow as well, which is nothing where it is ours. */
  rate: number;
  mostRate: number;
  burstSeconds: number;
  waitingBytes: number;
  droppedPackets: number;
}

/** All classes of a device. */
export function readHtbClasses(socket: NetlinkSocket, device: number): ClassReading[] {
  const request = message(types.getClass, flags.dump, placeHeader(device, 0, 0));
  return socket
    .dump({ message: request, failure: `The classes of the device ${device} can't be listed` })
    .map(parseClass);
}

/** A device's queue. */
export interface QueueReading {
  handle: number;
  /** `htb`, `fq`. */
  kind: string;
  /** For how many bytes more each packet counts, or less. */
  overhead: number;
}

/** The queue that a device sends by. The kernel lists those of all devices only. */
export function readQueue(socket: NetlinkSocket, device: number): QueueReading | undefined {
  const request = message(types.getQueue, flags.dump, placeHeader(device, 0, 0));
  return socket
    .dump({ message: request, failure: "The queues can't be listed" })
    .filter(({ body }) => structure(body, 20).readInt32LE(4) === device && body.readUInt32LE(12) === root)
    .map(parseQueue)[0];
}

/**
 * The BPF programs that name the classes of a queue's packets, by the kernel's numbers of them; 0: another kind of
 * filter.
 */
export function readClassifiers(socket: NetlinkSocket, { device, handle }: Place): number[] {
  const request = message(types.getFilter, flags.dump, placeHeader(device, 0, handle));
  return socket
    .dump({ message: request, failure: `The filters of the device ${device} can't be listed` })
    .filter(({ body }) => structure(body, 20).readUInt32LE(8) !== 0) // the group that a filter stands in has none
    .map(({ body }) => programIdOf(parseAttributes(body, 20)));
}

function programIdOf(attributes: Attributes): number {
  const programId = 11;
  return textOf(attributes, field.kind) === 'bpf' ? (numberOf(nested(attributes, field.options), programId) ?? 0) : 0;
}

function parseQueue({ body }: Message): QueueReading {
  const sizesBase = 1;
  const attributes = parseAttributes(body, 20);
  const sizes = nested(attributes, field.sizes).get(sizesBase) ?? Buffer.alloc(24);
  return {
    handle: body.readUInt32LE(8),
    kind: textOf(attributes, field.kind) ?? '',
    overhead: structure(sizes, 24).readInt32LE(4),
  };
}

function parseClass({ body }: Message): ClassReading {
  const statisticsQueue = 3;
  const attributes = parseAttributes(body, 20);
  const queue = nested(attributes, field.statistics).get(statisticsQueue) ?? Buffer.alloc(20);
  return {
    handle: body.readUInt32LE(8),
    isOuter: body.readUInt32LE(12) === root,
    ...parseRates(nested(attributes, field.options)),
    waitingBytes: structure(queue, 20).readUInt32LE(4),
    droppedPackets: queue.readUInt32LE(8),
  };
}

/** struct tc_htb_opt: two rates, two bursts. */
function parseRates(options: Attributes): Pick<ClassReading, 'rate' | 'mostRate' | 'burstSeconds'> {
  const parameters = structure(options.get(htb.parameters) ?? Buffer.alloc(44), 44);
  const large = (type: number): number | undefined => {
    const value = options.get(type);
    return value && Number(structure(value, 8).readBigUInt64LE());
  };
  const ticks = Math.max(parameters.readUInt32LE(24), parameters.readUInt32LE(28));
  return {
    rate: large(htb.rate64) ?? parameters.readUInt32LE(8),
    mostRate: large(htb.ceil64) ?? parameters.readUInt32LE(20),
    burstSeconds: (ticks * tickNanoseconds) / 1e9,
  };
}

/** struct tcmsg. */
function placeHeader(device: number, handle: number, parent: number, info = 0): Buffer {
  const header = Buffer.alloc(20);
  header.writeInt32LE(device, 4);
  header.writeUInt32LE(handle, 8);
  header.writeUInt32LE(parent, 12);
  header.writeUInt32LE(info, 16);
  return header;
}

/** struct tc_htb_glob: no class is for what names none. */
function htbInit(): Buffer {
  const [version, quantumDivisor, noDefault] = [3, 10, 0];
  return Buffer.from(Uint32Array.of(version, quantumDivisor, noDefault, 0, 0).buffer);
}

/** struct tc_sizespec. */
function sizeSpecification(overhead: number): Buffer {
  const specification = Buffer.alloc(24);
  specification.writeInt32LE(overhead, 4);
  specification.writeUInt32LE(ethernet, 8);
  return specification;
}

/** struct tc_ratespec. Since the kind of the link is there the kernel needs no table of times. */
function rateSpecification(bytes: bigint): Buffer {
  const largest = 0xffff_ffffn;
  const specification = Buffer.alloc(12);
  specification.writeUInt8(ethernet, 1);
  specification.writeUInt32LE(Number(bytes < largest ? bytes : largest), 8);
  return specification;
}
