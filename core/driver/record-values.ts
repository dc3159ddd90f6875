import { identityLayout, protocol } from './protocol.generated.js';

/** A program image as a key: process id, start time on the driver's clock and count of execs, as one string. */
export type Identity = string;

const HIGH = 2 ** 32;

/**
 * Reads a 64-bit field without the garbage of a BigInt; above 2^53 it is rounded as Number(bigint) rounds. Most values
 * are small: V8 keeps a small number in its place, but makes an object for the result of a multiplication.
 */
export function readUint64(view: DataView, offset: number): number {
  const high = view.getUint32(offset + 4, true);
  const low = view.getUint32(offset, true);
  return high === 0 ? low : high * HIGH + low;
}

/** The identity that was read last. It starts with an id that no process has. */
const last = { processId: -1, image: 0, low: 0, high: 0, identity: '' };

/**
 * Reads a struct netflow_identity as a key, which has both halves of the start time, so that it is exact above 2^53.
 * The connections of a process come one after the other, and share one string.
 */
export function readIdentity(view: DataView, offset: number): Identity {
  const processId = view.getUint32(offset + identityLayout.processId, true);
  const image = view.getUint32(offset + identityLayout.image, true);
  const low = view.getUint32(offset + identityLayout.startTime, true);
  const high = view.getUint32(offset + identityLayout.startTime + 4, true);
  if (processId !== last.processId || low !== last.low || image !== last.image || high !== last.high) {
    last.processId = processId;
    last.image = image;
    last.low = low;
    last.high = high;
    last.identity = `${processId}:${high}:${low}:${image}`;
  }
  return last.identity;
}

/** Returns the process id that a key begins with. */
export function processIdOf(identity: Identity): number {
  return Number.parseInt(identity, 10);
}

/** Tells whether both are images of one process, between which it has called exec. */
export function isSameProcess(a: Identity, b: Identity): boolean {
  const process = (identity: Identity): string => identity.slice(0, identity.lastIndexOf(':'));
  return process(a) === process(b);
}

/** Returns the struct netflow_identity of a key. */
export function encodeIdentity(identity: Identity): Buffer {
  const [processId = 0, high = 0, low = 0, image = 0] = identity.split(':').map(Number);
  const bytes = Buffer.alloc(identityLayout.size);
  bytes.writeUInt32LE(processId, identityLayout.processId);
  bytes.writeUInt32LE(image, identityLayout.image);
  bytes.writeUInt32LE(low, identityLayout.startTime);
  bytes.writeUInt32LE(high, identityLayout.startTime + 4);
  return bytes;
}

/** Reads a limit in bytes per second; null stands for none. */
export function readLimit(view: DataView, offset: number): number | null {
  const limit = readUint64(view, offset);
  return limit === protocol.unlimited ? null : limit;
}

/** Reads a time on the driver's clock, in milliseconds since 1970. */
export function readTime(view: DataView, offset: number, bootTime: number): number {
  return bootTime + readUint64(view, offset) / 1e6;
}

/** Reads a text that ends with a NUL, or with its room. */
export function readText(reply: Buffer, start: number, room: number): string {
  const end = reply.indexOf(0, start);
  return reply.toString('utf8', start, end < 0 || end > start + room ? start + room : end);
}
