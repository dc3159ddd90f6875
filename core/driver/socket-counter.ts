import type { Identity } from './driver.js';

/**
 * Counts the sockets of each process. A process may hold one by several descriptors, but counts it once. The records of
 * a process come one after the other, so that only its own sockets have to be remembered.
 */
export class SocketCounter {
  readonly counts = new Map<Identity, number>();
  readonly #seen = new Set<number>();
  #identity: Identity = '';

  /** True for a socket that this process was not seen with before. */
  add(identity: Identity, connectionId: number): boolean {
    if (identity !== this.#identity) {
      this.#identity = identity;
      this.#seen.clear();
    }
    if (this.#seen.has(connectionId)) return false;
    this.#seen.add(connectionId);
    this.counts.set(identity, (this.counts.get(identity) ?? 0) + 1);
    return true;
  }
}
