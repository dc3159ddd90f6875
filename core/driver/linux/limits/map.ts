import { closeSync } from 'node:fs';
import { failWith, type Libbpf } from '../libbpf.js';
import { mapPath } from '../paths.js';

/** A pinned map of the running driver, with keys and values as the bytes they are. */
export class PinnedMap implements Disposable {
  readonly #libbpf: Libbpf;
  readonly #fd: number;
  readonly #name: string;
  readonly #keyBytes: number;
  readonly #valueBytes: number;

  constructor(libbpf: Libbpf, name: string, bytes: { key: number; value: number }) {
    this.#libbpf = libbpf;
    this.#name = name;
    this.#keyBytes = bytes.key;
    this.#valueBytes = bytes.value;
    this.#fd = libbpf.open(mapPath(name));
    if (this.#fd < 0) failWith(libbpf, `The driver's table ${name} can't be opened`);
  }

  get(key: Buffer): Buffer | null {
    const value = Buffer.alloc(this.#valueBytes);
    return this.#libbpf.lookup(this.#fd, key, value) === 0 ? value : null;
  }

  set(key: Buffer, value: Buffer): void {
    if (this.#libbpf.update(this.#fd, key, value, 0) !== 0) failWith(this.#libbpf, `The driver's table ${this.#name}`);
  }

  delete(key: Buffer): void {
    this.#libbpf.remove(this.#fd, key);
  }

  /** A copy of all there is. */
  entries(): [Buffer, Buffer][] {
    const entries: [Buffer, Buffer][] = [];
    let key: Buffer | null = null;
    for (;;) {
      const next: Buffer = Buffer.alloc(this.#keyBytes);
      if (this.#libbpf.nextKey(this.#fd, key, next) !== 0) return entries;
      const value = this.get(next);
      if (value) entries.push([next, value]);
      key = next;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
