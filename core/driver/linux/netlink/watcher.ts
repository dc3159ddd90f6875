import { closeSync } from 'node:fs';
import { socketCalls, type MessageHeader } from './calls.js';
import { parseMessages } from './message.js';

/** A message may be lost where more than this comes at once: whoever watches looks from time to time as well. */
const receiveBytes = 1 << 22;

/** Where a socket is to be told of: its own namespace, and those that it has a number for. */
export const ownId = -1;

/**
 * Hears what devices and queues change in all network namespaces that this thread's own has a number for, and keeps none
 * of them alive.
 */
export class ChangeWatcher {
  readonly #fd: number;
  readonly #calls = socketCalls();
  readonly #data = Buffer.alloc(1 << 16);
  readonly #control = Buffer.alloc(64);
  readonly #changed = new Set<number>();
  #onChange: () => void = () => undefined;
  #isClosed = false;

  constructor() {
    const [netlink, rawCloseOnExec, route] = [16, 0x8_0003, 0];
    this.#fd = this.#calls.socket(netlink, rawCloseOnExec, route);
    this.#setUp();
    void this.#listen();
  }

  /** What has changed since this was called last: namespaces by their numbers. */
  take(): number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Resolves when something has changed, or after so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#changed.size > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#onChange = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onChange = () => undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The receiving thread comes back each second, since nothing else ends it. */
  #setUp(): void {
    const [socketLevel, receiveTimeout, forceReceiveBuffer] = [1, 20, 33];
    const [netlinkLevel, addMembership, noOverflow, allNamespaces] = [270, 1, 5, 8];
    const [links, trafficControl] = [1, 4];
    const number = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
    const set = (level: number, name: number, value: Buffer): number =>
      this.#calls.setOption(this.#fd, level, name, value, value.length);
    set(socketLevel, receiveTimeout, Buffer.from(BigInt64Array.of(1n, 0n).buffer));
    set(socketLevel, forceReceiveBuffer, number(receiveBytes));
    for (const name of [noOverflow, allNamespaces]) set(netlinkLevel, name, number(1));
    for (const group of [links, trafficControl]) set(netlinkLevel, addMembership, number(group));
    const kernel = Buffer.from(Uint32Array.of(16, 0, 0).buffer);
    this.#calls.connect(this.#fd, kernel, kernel.length);
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      this.#control.fill(0);
      const length = await this.#receive();
      if (length > 0) this.#note(this.#data.subarray(0, length));
    }
    closeSync(this.#fd);
  }

  #note(data: Buffer): void {
    if (parseMessages(data).length === 0) return;
    this.#changed.add(this.#namespaceId());
    this.#onChange();
  }

  /** The number stands in a control message; there is none for the socket's own namespace. */
  #namespaceId(): number {
    const [levelAt, dataAt, netlinkLevel] = [8, 16, 270];
    return this.#control.readUInt32LE(levelAt) === netlinkLevel ? this.#control.readInt32LE(dataAt) : ownId;
  }

  async #receive(): Promise<number> {
    const header: MessageHeader = {
      name: null,
      nameSize: 0,
      parts: { base: this.#data, size: this.#data.length },
      partCount: 1,
      control: this.#control,
      controlSize: this.#control.length,
      flags: 0,
    };
    return await new Promise((resolve) => {
      this.#calls.receiveMessage.async(this.#fd, header, 0, (error, length) => resolve(error ? -1 : length));
    });
  }
}
