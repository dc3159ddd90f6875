import { closeSync } from 'node:fs';
import type { MapName } from './layout.generated.js';
import { failWith, loadLibbpf, type Libbpf } from './libbpf.js';
import { mapPath } from './paths.js';
import { isRunning } from './pins.js';
import { notRunning } from './readers.js';

/** A pinned map of the running driver, with keys and values as the bytes they are. */
export class PinnedMap implements Disposable {
  readonly #libbpf: Libbpf;
  readonly #name: MapName;
  readonly #keyBytes: number;
  readonly #valueBytes: number;
  #fd: number;

  constructor(name: MapName, bytes: { key: number; value: number }) {
    this.#libbpf = loadLibbpf();
    this.#name = name;
    this.#keyBytes = bytes.key;
    this.#valueBytes = bytes.value;
    if (!isRunning()) throw notRunning();
    this.#fd = this.#libbpf.open(mapPath(name));
    if (this.#fd < 0) failWith(this.#libbpf, `The driver's table ${name} can't be opened`);
  }

  get(key: Buffer): Buffer | null {
    const value = Buffer.alloc(this.#valueBytes);
    return this.#libbpf.lookup(this.#fd, key, value) === 0 ? value : null;
  }

  set(key: Buffer, value: Buffer): void {
    if (this.#libbpf.update(this.#fd, key, value, 0) !== 0) failWith(this.#libbpf, `The driver's table ${this.#name}`);
  }

  /** False where the key is there already, or the map is full. */
  add(key: Buffer, value: Buffer): boolean {
    const onlyNew = 1;
    return this.#libbpf.update(this.#fd, key, value, onlyNew) === 0;
  }

  delete(key: Buffer): void {
    this.#libbpf.remove(this.#fd, key);
  }

  /** A copy of all there is. */
  entries(): [Buffer, Buffer][] {
    return this.keys().flatMap((key) => {
      const value = this.get(key);
      return value ? [[key, value]] : [];
    });
  }

  keys(): Buffer[] {
    const keys: Buffer[] = [];
    for (;;) {
      const next = Buffer.alloc(this.#keyBytes);
      if (this.#libbpf.nextKey(this.#fd, keys.at(-1) ?? null, next) !== 0) return keys;
      keys.push(next);
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** A key, or a value, of 32 bits. */
export function encodeNumber(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}
