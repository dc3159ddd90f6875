import { NetFlowError } from '../errors.js';
import { decodeConnection } from './decode-connection.js';
import { decodeDescription } from './decode-description.js';
import { decodeRule, type RuleRecord } from './decode-rule.js';
import { decodeHandshake, decodeStatistics, type DriverStatistics, type Handshake } from './decode-sums.js';
import { decodeProcess, decodeProcessName, type DecodeContext, type ProcessRecord } from './decode-process.js';
import { readIdentity, readUint64, type Identity } from './record-values.js';
import { malformed } from './malformed.js';
import {
  connectionLayout,
  descriptionLayout,
  handshakeLayout,
  headerLayout,
  processLayout,
  protocol,
  recordType,
  ruleLayout,
  statisticsLayout,
  taskLayout,
} from './protocol.generated.js';
import type { Connection } from '../records.js';
import { SocketCounter } from './socket-counter.js';

export interface Reply {
  processes: ProcessRecord[];
  statistics: DriverStatistics | undefined;
}

/** Decodes a stream of records as protocol.h describes it. Types that have no place in a Reply are skipped. */
export function decodeReply(reply: Buffer, context: DecodeContext): Reply {
  const result: Reply = { processes: [], statistics: undefined };
  forEachRecord(reply, (view, offset, size, type) => {
    if (type === recordType.process) result.processes.push(decodeProcess(reply, view, offset, size, context));
    else if (type === recordType.description) describe(result.processes.at(-1), reply, view, offset);
    else if (type === recordType.statistics) result.statistics = decodeStatistics(view, offset, context.bootTime);
  });
  return result;
}

/** A description stands behind its process. */
function describe(process: ProcessRecord | undefined, reply: Buffer, view: DataView, offset: number): void {
  const identity = readIdentity(view, offset + descriptionLayout.identityProcessId);
  if (process?.identity === identity) Object.assign(process, decodeDescription(reply, view, offset));
}

/** Returns the processes of several replies, each as its last record has it. */
export function decodeProcesses(replies: readonly Buffer[], context: DecodeContext): ProcessRecord[] {
  const processes = replies.flatMap((reply) => decodeReply(reply, context).processes);
  return [...new Map(processes.map((process) => [process.identity, process])).values()];
}

/** Returns every rule, in the order of the reply. */
export function decodeRules(reply: Buffer): RuleRecord[] {
  const rules: RuleRecord[] = [];
  forEachRecord(reply, (view, offset, size, type) => {
    if (type === recordType.rule) rules.push(decodeRule(reply, view, offset, size));
  });
  return rules;
}

/** Returns which driver answers; undefined where the reply doesn't say. */
export function decodeHandshakeReply(reply: Buffer): Handshake | undefined {
  let handshake: Handshake | undefined;
  forEachRecord(reply, (view, offset, _size, type) => {
    if (type === recordType.handshake) handshake = decodeHandshake(reply, view, offset);
  });
  return handshake;
}

/** Returns the name of each process. */
export function decodeNames(reply: Buffer): Map<Identity, string> {
  const names = new Map<Identity, string>();
  forEachRecord(reply, (view, offset, size, type) => {
    if (type !== recordType.process) return;
    const identity = readIdentity(view, offset + processLayout.identityProcessId);
    names.set(identity, decodeProcessName(reply, view, offset, size));
  });
  return names;
}

/** Returns the identity of each living process, by its id. */
export function decodeTasks(reply: Buffer): Map<number, Identity> {
  const tasks = new Map<number, Identity>();
  forEachRecord(reply, (view, offset, _size, type) => {
    if (type !== recordType.task) return;
    const at = offset + taskLayout.identityProcessId;
    tasks.set(view.getUint32(at, true), readIdentity(view, at));
  });
  return tasks;
}

/** Decodes each socket once for each process that has it open, from a reply in pieces of whole records. */
export class ConnectionDecoder {
  readonly #counter = new SocketCounter();
  readonly #names: ReadonlyMap<Identity, string>;
  readonly #connections: Connection[] = [];
  readonly #unnamed: [Identity, Connection][] = [];

  constructor(names: ReadonlyMap<Identity, string>) {
    this.#names = names;
  }

  add(piece: Buffer): void {
    forEachSocket(piece, this.#counter, (view, offset, identity) => {
      const name = this.#names.get(identity);
      const connection = decodeConnection(piece, view, offset, name ?? '');
      this.#connections.push(connection);
      if (name === undefined) this.#unnamed.push([identity, connection]);
    });
  }

  /** Returns all of them; `namesNow` is called if a process had no name before. */
  finish(namesNow: () => ReadonlyMap<Identity, string>): Connection[] {
    const names = this.#unnamed.length > 0 ? namesNow() : this.#names;
    for (const [identity, connection] of this.#unnamed) connection.processName = names.get(identity) ?? '';
    return this.#connections;
  }
}

/** Decodes the sockets of a whole reply whose processes' names are all known. */
export function decodeConnections(reply: Buffer, names: ReadonlyMap<Identity, string>): Connection[] {
  const decoder = new ConnectionDecoder(names);
  decoder.add(reply);
  return decoder.finish(() => names);
}

/** Counts the sockets of each process without decoding them. */
export function countSockets(reply: Buffer, counter: SocketCounter): void {
  forEachSocket(reply, counter, () => undefined);
}

function forEachSocket(
  reply: Buffer,
  counter: SocketCounter,
  visit: (view: DataView, offset: number, identity: Identity) => void,
): void {
  forEachRecord(reply, (view, offset, _size, type) => {
    if (type !== recordType.connection) return;
    const identity = readIdentity(view, offset + connectionLayout.identityProcessId);
    if (counter.add(identity, readUint64(view, offset + connectionLayout.connectionId))) visit(view, offset, identity);
  });
}

const leastSize: Partial<Record<number, number>> = {
  [recordType.process]: processLayout.size,
  [recordType.connection]: connectionLayout.size,
  [recordType.rule]: ruleLayout.size,
  [recordType.statistics]: statisticsLayout.size,
  [recordType.description]: descriptionLayout.size,
  [recordType.handshake]: handshakeLayout.size,
  [recordType.task]: taskLayout.size,
};

function forEachRecord(
  reply: Buffer,
  visit: (view: DataView, offset: number, size: number, type: number) => void,
): void {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  let size: number;
  for (let offset = 0; offset < reply.length; offset += size) {
    size = recordSize(view, offset);
    const type = view.getUint16(offset + headerLayout.type, true);
    assertHolds(offset, size, leastSize[type] ?? 0);
    visit(view, offset, size, type);
  }
}

/** Checks a record's header, before anything else of the record is read, and returns the record's size. */
function recordSize(view: DataView, offset: number): number {
  const rest = view.byteLength - offset;
  if (rest < headerLayout.size) {
    throw malformed(offset, `its header needs ${headerLayout.size} bytes and has ${rest}`);
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
      `A driver of another version is running (its protocol is ${version}, not ${protocol.protocolVersion}): ` +
        'stop it, then start this one.',
    );
  }
}

/** Accepts a larger record: a path follows the struct, or fields of a later version. */
function assertHolds(offset: number, size: number, needed: number): void {
  if (size < needed) {
    throw malformed(offset, `its size is ${size}, but its type needs ${needed}`);
  }
}
