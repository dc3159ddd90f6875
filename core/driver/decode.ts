import { NetFlowError } from '../errors.js';
import { decodeConnection } from './decode-connection.js';
import { decodeMeasurement, decodeStatistics } from './decode-sums.js';
import type { DriverStatistics, MeasurementRecord } from './decode-sums.js';
import { decodeProcess } from './decode-process.js';
import type { ConnectionRecord, ProcessRecord } from './driver.js';
import { readIdentity, readUint64 } from './fields.js';
import { malformed } from './malformed.js';
import {
  connectionLayout,
  headerLayout,
  measurementLayout,
  processLayout,
  protocol,
  recordType,
  statisticsLayout,
} from './protocol.generated.js';
import type { SocketCounter } from './socket-counter.js';

/** What a reply does not say itself. */
export interface DecodeContext {
  /** The zero of the driver's clock, in milliseconds since 1970. */
  bootTime: number;
  /** `sid` is there on Windows only. */
  userName(userId: number, sid: Buffer | undefined): string;
}

export interface Reply {
  processes: ProcessRecord[];
  connections: ConnectionRecord[];
  statistics: DriverStatistics | undefined;
  measurements: MeasurementRecord[];
}

export function emptyReply(): Reply {
  return { processes: [], connections: [], statistics: undefined, measurements: [] };
}

/**
 * Decodes a stream of records as protocol.h describes it, or the next piece of one, of whole records, into what the
 * pieces before it gave. Types that have no place in a Reply are skipped.
 */
export function decodeReply(reply: Buffer, context: DecodeContext, into: Reply = emptyReply()): Reply {
  forEachRecord(reply, (view, offset, size) => decodeRecord(reply, view, offset, size, context, into));
  return into;
}

/** Counts the sockets of each process without making anything of them. */
export function countSockets(reply: Buffer, counter: SocketCounter): void {
  forEachRecord(reply, (view, offset, size) => {
    if (view.getUint16(offset + headerLayout.type, true) !== recordType.connection) return;
    assertHolds(offset, size, connectionLayout.size);
    counter.add(
      readIdentity(view, offset + connectionLayout.identityProcessId),
      readUint64(view, offset + connectionLayout.connectionId),
    );
  });
}

function forEachRecord(reply: Buffer, visit: (view: DataView, offset: number, size: number) => void): void {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  let size: number;
  for (let offset = 0; offset < reply.length; offset += size) {
    size = recordSize(view, offset);
    visit(view, offset, size);
  }
}

function decodeRecord(
  reply: Buffer,
  view: DataView,
  offset: number,
  size: number,
  context: DecodeContext,
  into: Reply,
): void {
  switch (view.getUint16(offset + headerLayout.type, true)) {
    case recordType.process:
      assertHolds(offset, size, processLayout.size);
      into.processes.push(decodeProcess(reply, view, offset, size, context));
      break;
    case recordType.connection:
      assertHolds(offset, size, connectionLayout.size);
      into.connections.push(decodeConnection(reply, view, offset));
      break;
    case recordType.statistics:
      assertHolds(offset, size, statisticsLayout.size);
      into.statistics = decodeStatistics(view, offset, context.bootTime);
      break;
    case recordType.measurement:
      assertHolds(offset, size, measurementLayout.size);
      into.measurements.push(decodeMeasurement(view, offset));
      break;
  }
}

/** Checks a record's header; nothing else of the record may be read before. */
function recordSize(view: DataView, offset: number): number {
  const rest = view.byteLength - offset;
  if (rest < headerLayout.size) {
    throw malformed(offset, `${rest} bytes are no header`);
  }
  const magic = view.getUint32(offset + headerLayout.magic, true);
  if (magic !== protocol.magic) {
    throw malformed(offset, `it starts with 0x${magic.toString(16)}, not with 0x${protocol.magic.toString(16)}`);
  }
  assertVersion(view.getUint16(offset + headerLayout.version, true));

  const size = view.getUint32(offset + headerLayout.headerSize, true);
  if (size < headerLayout.size) {
    throw malformed(offset, `its size ${size} is less than that of its header`);
  }
  if (size % 8 !== 0) {
    throw malformed(offset, `its size ${size} is not a multiple of 8`);
  }
  if (size > rest) {
    throw malformed(offset, `its size is ${size}, but only ${rest} bytes are left`);
  }
  return size;
}

function assertVersion(version: number): void {
  if (version !== protocol.protocolVersion) {
    throw new NetFlowError(
      'DRIVER_MISMATCH',
      `The driver that runs is of another version (its protocol is ${version}, not ${protocol.protocolVersion}); ` +
        'run `netflow driver stop`, then `netflow driver start`.',
    );
  }
}

/** A larger record is fine: what follows the struct is its path, or fields that are not known here. */
function assertHolds(offset: number, size: number, needed: number): void {
  if (size < needed) {
    throw malformed(offset, `its size is ${size}, but its type needs ${needed}`);
  }
}
