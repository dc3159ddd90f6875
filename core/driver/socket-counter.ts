import type { Identity } from './record-values.js';

/**
 * Counts the sockets of each process: one that it has by several descriptors counts once. The records of a process come
 * one after the other, so that only its own sockets have to be remembered.
 */
export class SocketCounter {
  readonly #counts = new Map<Identity, number>();
  /** The ids of the sockets seen so far: most come in ascending order, and need no set. */
  readonly #ascending: number[] = [];
  /** How many of these are this process's own: the rest is from the processes before. */
  #ascended = 0;
  readonly #others = new Set<number>();
  #identity: Identity = '';
  #highest = -1;
  #count = 0;

  /** Returns whether this socket of the process is a new one. */
  add(identity: Identity, connectionId: number): boolean {
    if (identity !== this.#identity) {
      this.#finish();
      this.#identity = identity;
    }
    if (connectionId > this.#highest) {
      this.#highest = connectionId;
      this.#ascending[this.#ascended++] = connectionId;
    } else if (this.#others.has(connectionId) || this.#includes(connectionId)) {
      return false;
    } else {
      this.#others.add(connectionId);
    }
    this.#count++;
    return true;
  }

  counts(): Map<Identity, number> {
    this.#finish();
    return this.#counts;
  }

  #finish(): void {
    if (this.#count > 0) this.#counts.set(this.#identity, (this.#counts.get(this.#identity) ?? 0) + this.#count);
    this.#identity = '';
    this.#highest = -1;
    this.#count = 0;
    this.#ascended = 0;
    this.#others.clear();
  }

  #includes(connectionId: number): boolean {
    let [low, high] = [0, this.#ascended];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ascending[middle] ?? 0) < connectionId) low = middle + 1;
      else high = middle;
    }
    return low < this.#ascended && this.#ascending[low] === connectionId;
  }
}
