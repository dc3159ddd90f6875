import { access, controlDevice, disposition, openFile, share } from '../../../core/driver/windows/files.js';
import { kernel32 } from '../../../core/driver/windows/kernel32.js';

/** The simulated WFP engine where it is a driver (driver/simulator/wfp/engine_ioctl.h), for Windows' Node.js. */
export class Engine implements Disposable {
  readonly #handle = openDevice(String.raw`\\.\NetFlowEngine`);

  /** Does steps in order, all in one request, and returns the two values of each. */
  run(...steps: Step[]): [number, number][] {
    const input = Buffer.alloc(steps.length * layout.size);
    steps.forEach((step, index) => writeStep(input.subarray(index * layout.size), step));
    const output = Buffer.alloc(steps.length * resultSize);
    control(this.#handle, input, output);
    return steps.map((_, index) => [readValue(output, index * 2), readValue(output, index * 2 + 1)]);
  }

  /** Returns the flow's id; 0 where it is blocked. */
  openFlow(flow: FlowOptions): number {
    return this.#first({ operation: operation.flowOpen, ...flow });
  }

  closeFlow(flow: number): void {
    this.run({ operation: operation.flowClose, flow });
  }

  /** Closes the socket; false where a callout has it wait. */
  closeEndpoint(flow: number): boolean {
    return this.#first({ operation: operation.endpointClose, flow }) === 1;
  }

  /** `count` indications of `bytes` each; `flags` are FWPS_STREAM_FLAG_*. */
  stream(flow: number, flags: number, bytes: number, count = 1): void {
    this.run({ operation: operation.stream, flow, flags, bytes, count });
  }

  datagrams(flow: number, isInbound: boolean, bytes: number, count = 1): void {
    this.run({ operation: operation.datagrams, flow, isInbound, bytes, count });
  }

  /** Segments of TCP at the transport layer; returns how many were not refused. */
  segments(flow: number, isInbound: boolean, bytes: number, count = 1, tcpFlags = tcpFlag.ack): number {
    return this.#first({ operation: operation.segment, flow, isInbound, bytes, count, flags: tcpFlags });
  }

  /** A socket's data, all the way, in segments. */
  transfer(flow: number, isInbound: boolean, bytes: number, segmentBytes = 1460): void {
    this.run({ operation: operation.transfer, flow, isInbound, bytes, count: segmentBytes });
  }

  /** What the platform has sent and received for a process: the truth. */
  totals(processId: number): { upload: number; download: number } {
    const [upload, download] = this.#both({ operation: operation.totals, processId });
    return { upload, download };
  }

  /** What of a flow has come to its end. */
  deliveries(flow: number, isInbound: boolean): { packets: number; bytes: number } {
    const [packets, bytes] = this.#both({ operation: operation.deliveries, flow, isInbound });
    return { packets, bytes };
  }

  /** Has the base filtering engine's service start or stop. */
  setService(state: keyof typeof serviceState): void {
    this.run({ operation: operation.service, flags: serviceState[state] });
  }

  processStarted(processId: number, parentId: number): void {
    this.run({ operation: operation.processStarted, processId, parentId });
  }

  processEnded(processId: number): void {
    this.run({ operation: operation.processEnded, processId });
  }

  /** Contexts that drivers have, and packets that nobody has finished with. */
  state(): { contexts: number; pendingPackets: number } {
    const [contexts, pendingPackets] = this.#both({ operation: operation.state });
    return { contexts, pendingPackets };
  }

  /** Packets whose endpoint was gone when they were injected, and all that came to no end. */
  packets(): { lost: number; dropped: number } {
    const [lost, dropped] = this.#both({ operation: operation.packets });
    return { lost, dropped };
  }

  /** Calls of callouts so far, and how many filters a layer (FWPS_LAYER_*) has. */
  calls(layer = 0): { calls: number; filters: number } {
    const [calls, filters] = this.#both({ operation: operation.calls, flags: layer });
    return { calls, filters };
  }

  [Symbol.dispose](): void {
    kernel32.CloseHandle(this.#handle);
  }

  #first(step: Step): number {
    return this.#both(step)[0];
  }

  #both(step: Step): [number, number] {
    const [values] = this.run(step);
    if (!values) throw new Error('a step without a result');
    return values;
  }
}

export interface FlowOptions {
  transport: 6 | 17;
  processId?: number;
  /** As the kernel names it; without one the platform does not say. */
  path?: string;
  isIpv6?: boolean;
  isInbound?: boolean;
  /** It was there before any filter. */
  isOld?: boolean;
  /** Network order; four bytes or sixteen. */
  localAddress?: Uint8Array;
  remoteAddress?: Uint8Array;
  localPort?: number;
  remotePort?: number;
}

export interface Step extends Partial<FlowOptions> {
  operation: (typeof operation)[keyof typeof operation];
  flow?: number;
  flags?: number;
  parentId?: number;
  bytes?: number;
  count?: number;
}

/** enum engine_operation. */
export const operation = {
  flowOpen: 1,
  flowClose: 2,
  endpointClose: 3,
  stream: 4,
  datagrams: 5,
  segment: 6,
  totals: 7,
  service: 8,
  processStarted: 9,
  processEnded: 10,
  state: 11,
  transfer: 12,
  deliveries: 13,
  packets: 14,
  calls: 15,
} as const;

/** FWPS_STREAM_FLAG_*. */
export const streamFlag = {
  receive: 0x1,
  receiveExpedited: 0x2,
  receiveDisconnect: 0x4,
  receiveAbort: 0x8,
  send: 0x10000,
  sendExpedited: 0x20000,
  sendDisconnect: 0x80000,
  sendAbort: 0x100000,
} as const;

export const tcpFlag = { fin: 0x01, syn: 0x02, rst: 0x04, push: 0x08, ack: 0x10 } as const;

const serviceState = { stopped: 0, running: 3 } as const;

/** struct engine_step. */
const layout = {
  size: 592,
  flow: 0,
  operation: 8,
  flags: 12,
  processId: 16,
  parentId: 20,
  bytes: 24,
  count: 28,
  localPort: 32,
  remotePort: 34,
  transport: 36,
  isIpv6: 37,
  isInbound: 38,
  isOld: 39,
  localAddress: 40,
  remoteAddress: 56,
  path: 72,
  pathCharacters: 260,
} as const;

/** struct engine_result: two numbers of 64 bits. */
const resultSize = 16;

function writeStep(record: Buffer, step: Step): void {
  record.writeBigUInt64LE(BigInt(step.flow ?? 0), layout.flow);
  for (const field of ['operation', 'flags', 'processId', 'parentId', 'bytes', 'count'] as const)
    record.writeUInt32LE(step[field] ?? 0, layout[field]);
  for (const field of ['localPort', 'remotePort'] as const) record.writeUInt16LE(step[field] ?? 0, layout[field]);
  for (const field of ['isIpv6', 'isInbound', 'isOld'] as const) record.writeUInt8(step[field] ? 1 : 0, layout[field]);
  record.writeUInt8(step.transport ?? 0, layout.transport);
  for (const field of ['localAddress', 'remoteAddress'] as const) record.set(step[field] ?? [], layout[field]);
  writePath(record, step.path ?? '');
}

function writePath(record: Buffer, path: string): void {
  if (path.length >= layout.pathCharacters) throw new Error(`a path of ${path.length} characters`);
  record.write(path, layout.path, 'utf16le');
}

function readValue(output: Buffer, index: number): number {
  return Number(output.readBigUInt64LE(index * 8));
}

/** CTL_CODE(FILE_DEVICE_NETWORK, 0x880, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS). */
const stepCode = (0x12 << 16) | (3 << 14) | (0x880 << 2);

function openDevice(name: string): number {
  return openFile(name, access.read + access.write, share.readWrite, disposition.openExisting);
}

function control(handle: number, input: Buffer, output: Buffer): void {
  const written = controlDevice(handle, stepCode, input, output);
  if (written !== output.length) throw new Error(`${written} bytes of results, not ${output.length}`);
}
