import type { Identity } from './driver.js';

/**
 * Counts the sockets of each process. A process may hold one by several descriptors, but counts it once. The records of
 * a process come one after the other, so that only its own sockets have to be remembered.
 */
export class SocketCounter {
  readonly #counts = new Map<Identity, number>();
  readonly #seen = new Set<number>();
  #identity: Identity = '';
  #first = 0;
  #count = 0;

  /** True for a socket that this process was not seen with before. */
  add(identity: Identity, connectionId: number): boolean {
    if (identity !== this.#identity) {
      this.#finish();
      this.#identity = identity;
      this.#first = connectionId; // most processes have one, and need no set for it
    } else if (connectionId === this.#first || this.#seen.has(connectionId)) {
      return false;
    } else {
      this.#seen.add(connectionId);
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
    this.#count = 0;
    this.#seen.clear();
  }
}
