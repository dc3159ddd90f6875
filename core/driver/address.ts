const colon = 0x3a;
const digits = Buffer.from('0123456789abcdef');

/**
 * Holds an address, digit by digit, until it becomes a string at once: joining strings takes six times as long for an
 * IPv6 address, and leaves the pieces to the garbage collector.
 */
const scratch = Buffer.alloc('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'.length);

/** Caches IPv4 addresses by their last byte, since a machine's own is in all of its connections. */
const recent: string[] = [];
const recentBytes = new Int32Array(256);

/** Returns the text of an IPv4 address (four bytes at `offset`). */
export function ipv4Text(bytes: Uint8Array, offset: number): string {
  const a = bytes[offset] ?? 0;
  const b = bytes[offset + 1] ?? 0;
  const c = bytes[offset + 2] ?? 0;
  const d = bytes[offset + 3] ?? 0;
  const all = (a << 24) | (b << 16) | (c << 8) | d;
  const known = recent[d];
  if (known !== undefined && recentBytes[d] === all) return known;
  const text = `${a}.${b}.${c}.${d}`;
  recent[d] = text;
  recentBytes[d] = all;
  return text;
}

/** Returns the text of an IPv6 address (sixteen bytes at `offset`), as RFC 5952 writes it; of a mapped one the IPv4. */
export function ipv6Text(bytes: Uint8Array, offset: number): string {
  const zeros = longestZeroRun(bytes, offset);
  const mapsIpv4 = zeros.start === 0 && zeros.length === 5 && group(bytes, offset, 5) === 0xffff;
  return mapsIpv4 ? ipv4Text(bytes, offset + 12) : groupsText(bytes, offset, zeros);
}

interface Run {
  start: number;
  length: number;
}

/** Finds the first of the longest runs of zero groups. */
function longestZeroRun(bytes: Uint8Array, offset: number): Run {
  let start = 0;
  let length = 0;
  let current = 0;
  for (let index = 0; index < 8; index += 1) {
    current = group(bytes, offset, index) === 0 ? current + 1 : 0;
    if (current > length) {
      length = current;
      start = index + 1 - current;
    }
  }
  return { start, length };
}

/** Shortens the zeros to `::`, unless it is a single group of them. */
function groupsText(bytes: Uint8Array, offset: number, zeros: Run): string {
  let end = 0;
  if (zeros.length < 2) {
    end = putGroups(bytes, offset, 0, 8, end);
  } else {
    end = putGroups(bytes, offset, 0, zeros.start, end);
    end = put(colon, put(colon, end));
    end = putGroups(bytes, offset, zeros.start + zeros.length, 8, end);
  }
  return scratch.toString('latin1', 0, end);
}

/** Returns the end of its text in `scratch`, as do the functions below. */
function putGroups(bytes: Uint8Array, offset: number, from: number, to: number, start: number): number {
  let end = start;
  for (let index = from; index < to; index += 1) {
    if (index > from) end = put(colon, end);
    end = putHex(group(bytes, offset, index), end);
  }
  return end;
}

function group(bytes: Uint8Array, offset: number, index: number): number {
  return (byte(bytes, offset + 2 * index) << 8) | byte(bytes, offset + 2 * index + 1);
}

function putHex(value: number, start: number): number {
  let end = start;
  if (value > 0xfff) end = putDigit(value >> 12, end);
  if (value > 0xff) end = putDigit((value >> 8) & 15, end);
  if (value > 0xf) end = putDigit((value >> 4) & 15, end);
  return putDigit(value & 15, end);
}

function putDigit(digit: number, end: number): number {
  return put(byte(digits, digit), end);
}

function put(character: number, end: number): number {
  scratch[end] = character;
  return end + 1;
}

function byte(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}
