/** Texts that were made before: most of a machine's connections have few different addresses. */
const known = new Map<string, string>();
const enoughKnown = 10_000;

/** The text of an IPv4 address (four bytes at `offset`). */
export function ipv4Text(bytes: Buffer, offset: number): string {
  return remembered(bytes.toString('latin1', offset, offset + 4), () => formatIpv4(bytes, offset));
}

/** The text of an IPv6 address (sixteen bytes at `offset`), as RFC 5952 wants it. */
export function ipv6Text(bytes: Buffer, offset: number): string {
  return remembered(bytes.toString('latin1', offset, offset + 16), () => formatIpv6(bytes, offset));
}

function remembered(key: string, format: () => string): string {
  const text = known.get(key);
  if (text !== undefined) return text;
  if (known.size >= enoughKnown) known.clear();
  const made = format();
  known.set(key, made);
  return made;
}

function formatIpv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

function formatIpv6(bytes: Uint8Array, offset: number): string {
  if (isMappedIpv4(bytes, offset)) {
    return `::ffff:${formatIpv4(bytes, offset + 12)}`;
  }
  const zeros = longestZeroRun(bytes, offset);
  if (zeros.length < 2) {
    return groups(bytes, offset, 0, 8);
  }
  return `${groups(bytes, offset, 0, zeros.start)}::${groups(bytes, offset, zeros.start + zeros.length, 8)}`;
}

function isMappedIpv4(bytes: Uint8Array, offset: number): boolean {
  if (bytes[offset + 10] !== 0xff || bytes[offset + 11] !== 0xff) {
    return false;
  }
  for (let index = 0; index < 10; index += 1) {
    if (bytes[offset + index] !== 0) {
      return false;
    }
  }
  return true;
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(bytes: Uint8Array, offset: number): { start: number; length: number } {
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

function groups(bytes: Uint8Array, offset: number, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index += 1) {
    text += (index > from ? ':' : '') + group(bytes, offset, index).toString(16);
  }
  return text;
}

function group(bytes: Uint8Array, offset: number, index: number): number {
  return ((bytes[offset + 2 * index] ?? 0) << 8) | (bytes[offset + 2 * index + 1] ?? 0);
}
