import { access, controlDevice, disposition, openFile, share } from '../../../core/driver/windows/files.js';
import { kernel32 } from '../../../core/driver/windows/kernel32.js';

/** The simulated WFP engine where it is a driver (driver/simulator/wfp/engine_ioctl.h), for Windows' Node.js. */
export class Engine implements Disposable {
  readonly #handle = openDevice(String.raw`\\.\NetFlowEngine`);

  /** Returns the flow's id; 0 where it is blocked. */
  openFlow(flow: FlowOptions): number {
    return this.#run({ operation: operation.flowOpen, ...flow })[0];
  }

  closeFlow(flow: number): void {
    this.#run({ operation: operation.flowClose, flow });
  }

  /** `count` indications of `bytes` each; `flags` are FWPS_STREAM_FLAG_*. */
  stream(flow: number, flags: number, bytes: number, count = 1): void {
    this.#run({ operation: operation.stream, flow, flags, bytes, count });
  }

  datagrams(flow: number, isInbound: boolean, bytes: number, count = 1): void {
    this.#run({ operation: operation.datagrams, flow, isInbound, bytes, count });
  }

  /** Segments of TCP at the transport layer; returns how many were not refused. */
  segments(flow: number, isInbound: boolean, bytes: number, count = 1): number {
    return this.#run({ operation: operation.segment, flow, isInbound, bytes, count, flags: acknowledgement })[0];
  }

  /** What the engine has sent and received for a process: the truth. */
  totals(processId: number): { upload: number; download: number } {
    const [upload, download] = this.#run({ operation: operation.totals, processId });
    return { upload, download };
  }

  /** What of a flow has come to its end. */
  deliveries(flow: number, isInbound: boolean): { packets: number; bytes: number } {
    const [packets, bytes] = this.#run({ operation: operation.deliveries, flow, isInbound });
    return { packets, bytes };
  }

  /** Milliseconds that a transaction takes to begin, as when another program changes filters. */
  delayTransactions(milliseconds: number): void {
    this.#run({ operation: operation.delay, count: milliseconds });
  }

  processEnded(processId: number): void {
    this.#run({ operation: operation.processEnded, processId });
  }

  /** Contexts that drivers have, and packets that nobody has finished with. */
  state(): { contexts: number; pendingPackets: number } {
    const [contexts, pendingPackets] = this.#run({ operation: operation.state });
    return { contexts, pendingPackets };
  }

  /** Packets whose endpoint was gone when they were injected, and all that came to no end. */
  packets(): { lost: number; dropped: number } {
    const [lost, dropped] = this.#run({ operation: operation.packets });
    return { lost, dropped };
  }

  /** How many filters a layer (FWPS_LAYER_*) has. */
  filters(layer: number): number {
    return this.#run({ operation: operation.filters, flags: layer })[0];
  }

  [Symbol.dispose](): void {
    kernel32.CloseHandle(this.#handle);
  }

  /** Does one step, and returns its two values. */
  #run(step: Step): [number, number] {
    const input = Buffer.alloc(layout.size);
    writeStep(input, step);
    const output = Buffer.alloc(resultSize);
    control(this.#handle, input, output);
    return [Number(output.readBigUInt64LE(0)), Number(output.readBigUInt64LE(8))];
  }
}

export interface FlowOptions {
  transport: 6 | 17;
  processId?: number;
  /** As the kernel names it; without one the engine does not say. */
  path?: string;
  isIpv6?: boolean;
  /** Network order; four bytes or sixteen. */
  localAddress?: Uint8Array;
  remoteAddress?: Uint8Array;
  localPort?: number;
  remotePort?: number;
}

interface Step extends Partial<FlowOptions> {
  operation: (typeof operation)[keyof typeof operation];
  flow?: number;
  flags?: number;
  isInbound?: boolean;
  bytes?: number;
  count?: number;
}

/** enum engine_operation. */
const operation = {
  flowOpen: 1,
  flowClose: 2,
  stream: 3,
  datagrams: 4,
  segment: 5,
  totals: 6,
  processEnded: 7,
  state: 8,
  deliveries: 9,
  packets: 10,
  filters: 11,
  delay: 12,
} as const;

/** FWPS_STREAM_FLAG_*. */
export const streamFlag = { receive: 0x1, send: 0x10000, sendExpedited: 0x20000 } as const;

/** Of TCP. */
const acknowledgement = 0x10;

/** struct engine_step. */
const layout = {
  size: 592,
  flow: 0,
  operation: 8,
  flags: 12,
  processId: 16,
  bytes: 24,
  count: 28,
  localPort: 32,
  remotePort: 34,
  transport: 36,
  isIpv6: 37,
  isInbound: 38,
  localAddress: 40,
  remoteAddress: 56,
  path: 72,
  pathCharacters: 260,
} as const;

/** struct engine_result: two numbers of 64 bits. */
const resultSize = 16;

function writeStep(record: Buffer, step: Step): void {
  record.writeBigUInt64LE(BigInt(step.flow ?? 0), layout.flow);
  for (const field of ['operation', 'flags', 'processId', 'bytes', 'count'] as const)
    record.writeUInt32LE(step[field] ?? 0, layout[field]);
  for (const field of ['localPort', 'remotePort'] as const) record.writeUInt16LE(step[field] ?? 0, layout[field]);
  for (const field of ['isIpv6', 'isInbound'] as const) record.writeUInt8(step[field] ? 1 : 0, layout[field]);
  record.writeUInt8(step.transport ?? 0, layout.transport);
  for (const field of ['localAddress', 'remoteAddress'] as const) record.set(step[field] ?? [], layout[field]);
  writePath(record, step.path ?? '');
}

function writePath(record: Buffer, path: string): void {
  if (path.length >= layout.pathCharacters) throw new Error(`a path of ${path.length} characters`);
  record.write(path, layout.path, 'utf16le');
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
