import { NetFlowError } from '../../../errors.js';

/** The header's flags, linux/netlink.h. */
export const flags = {
  request: 0x1,
  acknowledge: 0x4,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
} as const;

/** Flags of the kernel's: a list has changed while it was read, and an answer has attributes. */
export const dumpInterrupted = 0x10;
const hasAttributes = 0x200;

/** Types of messages that end an answer. */
export const messageType = { error: 2, done: 3 } as const;

export const headerSize = 16;
const attributeHeaderSize = 4;

/**
 * A number is sent as 32 bits, a bigint as 64, text with a zero at its end, and of a list one part follows the other.
 */
export type AttributeValue = number | bigint | string | Buffer | readonly Buffer[];

export function attribute(type: number, value: AttributeValue): Buffer {
  const content = encode(value);
  const length = attributeHeaderSize + content.length;
  if (length > 0xffff) throw new RangeError(`an attribute of ${length} bytes`);
  const buffer = Buffer.alloc(aligned(length));
  buffer.writeUInt16LE(length);
  buffer.writeUInt16LE(type, 2);
  content.copy(buffer, attributeHeaderSize);
  return buffer;
}

/** A request without its sequence number, which the socket gives it. `body` is the structure of its type. */
export function message(type: number, flagBits: number, body: Buffer, attributes: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(headerSize);
  const whole = Buffer.concat([header, padded(body), ...attributes]);
  whole.writeUInt32LE(whole.length);
  whole.writeUInt16LE(type, 4);
  whole.writeUInt16LE(flagBits | flags.request, 6);
  return whole;
}

export function setSequence(request: Buffer, sequence: number): void {
  request.writeUInt32LE(sequence, 8);
}

/** Has the kernel answer a request even where it does what it asks for. */
export function askAcknowledgement(request: Buffer): void {
  request.writeUInt16LE(request.readUInt16LE(6) | flags.acknowledge, 6);
}

/** A message of the kernel's. */
export interface Message {
  type: number;
  flags: number;
  sequence: number;
  body: Buffer;
}

/** The messages of one datagram. Every length is checked before it is used. */
export function parseMessages(data: Buffer): Message[] {
  return pieces(data, headerSize, (offset) => data.readUInt32LE(offset)).map((piece) => ({
    type: piece.readUInt16LE(4),
    flags: piece.readUInt16LE(6),
    sequence: piece.readUInt32LE(8),
    body: piece.subarray(headerSize),
  }));
}

export type Attributes = ReadonlyMap<number, Buffer>;

/**
 * The attributes that follow a structure, or that are nested in one. Flags in a type say nothing that is needed here.
 */
export function parseAttributes(data: Buffer, offset = 0): Attributes {
  const typeMask = 0x3fff;
  const rest = structure(data, offset).subarray(aligned(offset));
  return new Map(
    pieces(rest, attributeHeaderSize, (at) => rest.readUInt16LE(at)).map((piece) => [
      piece.readUInt16LE(2) & typeMask,
      piece.subarray(attributeHeaderSize),
    ]),
  );
}

/** The data itself, where it is long enough for a structure of this size. */
export function structure(data: Buffer, size: number): Buffer {
  if (data.length < size) throw malformed(`${data.length} bytes where ${size} belong`);
  return data;
}

export function nested(attributes: Attributes, type: number): Attributes {
  return parseAttributes(attributes.get(type) ?? Buffer.alloc(0));
}

/** Undefined where there is no such attribute. */
export function numberOf(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value && structure(value, 4).readUInt32LE();
}

/** Text up to its first zero; undefined where there is no such attribute. */
export function textOf(attributes: Attributes, type: number): string | undefined {
  return attributes.get(type)?.toString('utf8').split('\0', 1)[0];
}

/** The kernel's answer to a request: 0 where it did what was asked. */
export interface Answer {
  errno: number;
  /** Its own words about the error; often there are none. */
  text: string;
}

/** Reads a message of the type `error` or `done`, which has the header of the request in it, but none of its data. */
export function parseAnswer({ type, flags: bits, body }: Message): Answer {
  const textType = 1;
  const errno = Math.abs(structure(body, 4).readInt32LE());
  if ((bits & hasAttributes) === 0) return { errno, text: '' };
  const attributes = parseAttributes(body, type === messageType.error ? 4 + headerSize : 4);
  return { errno, text: textOf(attributes, textType) ?? '' };
}

function encode(value: AttributeValue): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  if (typeof value === 'object') return Buffer.concat(value);
  const buffer = Buffer.alloc(typeof value === 'bigint' ? 8 : 4);
  if (typeof value === 'bigint') buffer.writeBigUInt64LE(value);
  else buffer.writeUInt32LE(value);
  return buffer;
}

/** Cuts data at the lengths that stand in it. */
function pieces(data: Buffer, smallest: number, lengthAt: (offset: number) => number): Buffer[] {
  const found: Buffer[] = [];
  for (let offset = 0; offset < data.length;) {
    if (data.length - offset < smallest) throw malformed(`${data.length - offset} bytes at its end`);
    const length = lengthAt(offset);
    if (length < smallest || length > data.length - offset) {
      throw malformed(`a length of ${length}, of ${data.length - offset} left`);
    }
    found.push(data.subarray(offset, offset + length));
    offset += aligned(length);
  }
  return found;
}

function malformed(what: string): NetFlowError {
  return new NetFlowError('FAILED', `The kernel's answer can't be read: ${what}.`);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data], aligned(data.length));
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
