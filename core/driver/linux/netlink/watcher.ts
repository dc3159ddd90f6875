import { closeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { socketCalls, type MessageHeader } from './calls.js';
import { netlinkLevel, openRouteSocket, optionOf, seconds } from './socket.js';

/** A message may be lost where more than this comes at once: whoever watches looks from time to time as well. */
const receiveBytes = 1 << 22;
const mostAtOnce = 500;
const pauseMs = 5;

/** Where a socket is to be told of: its own namespace, and those that it has a number for. */
export const ownId = -1;

/**
 * Hears what devices and queues change in all network namespaces that this thread's own has a number for, and keeps
 * none of them alive.
 */
export class ChangeWatcher {
  readonly #fd: number;
  readonly #calls = socketCalls();
  /** What stands in a message doesn't matter. */
  readonly #data = Buffer.alloc(16);
  readonly #control = Buffer.alloc(64);
  readonly #changed = new Set<number>();
  #onChange: () => void = () => undefined;
  #isClosed = false;

  /** The receiving thread comes back each second, since nothing else ends it. */
  constructor() {
    const [socketLevel, receiveTimeout, forceReceiveBuffer] = [1, 20, 33];
    const [addMembership, noOverflow, allNamespaces] = [1, 5, 8];
    const [links, trafficControl] = [1, 4];
    this.#fd = openRouteSocket([
      [socketLevel, receiveTimeout, seconds(1)],
      [socketLevel, forceReceiveBuffer, optionOf(receiveBytes)],
      [netlinkLevel, noOverflow, optionOf(1)],
      [netlinkLevel, allNamespaces, optionOf(1)],
      [netlinkLevel, addMembership, optionOf(links)],
      [netlinkLevel, addMembership, optionOf(trafficControl)],
    ]);
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
    const timer = new AbortController();
    this.#onChange = () => timer.abort();
    await setTimeout(milliseconds, undefined, timer).catch(() => undefined);
    this.#onChange = () => undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      this.#note(await this.#receive());
      // Whoever changes things all the time gets no more than a part of this process's.
      for (let count = 0; count < mostAtOnce && this.#note(this.#receiveWaiting()); count++);
      await setTimeout(pauseMs);
    }
    closeSync(this.#fd);
  }

  /** False where there was nothing. */
  #note(length: number): boolean {
    if (length <= 0) return false;
    this.#changed.add(this.#namespaceId());
    this.#onChange();
    return true;
  }

  /** The number stands in a control message; there is none for the socket's own namespace. */
  #namespaceId(): number {
    const [levelAt, dataAt] = [8, 16];
    return this.#control.readUInt32LE(levelAt) === netlinkLevel ? this.#control.readInt32LE(dataAt) : ownId;
  }

  #receiveWaiting(): number {
    const dontWait = 0x40;
    return this.#calls.receiveMessage(this.#fd, this.#header(), dontWait);
  }

  async #receive(): Promise<number> {
    return await new Promise((resolve) => {
      const done = (error: Error | null, length: number): void => resolve(error ? -1 : length);
      this.#calls.receiveMessage.async(this.#fd, this.#header(), 0, done);
    });
  }

  #header(): MessageHeader {
    this.#control.fill(0);
    return {
      name: null,
      nameSize: 0,
      parts: { base: this.#data, size: this.#data.length },
      partCount: 1,
      control: this.#control,
      controlSize: this.#control.length,
      flags: 0,
    };
  }
}
