/** The text of an IPv4 address (four bytes at `offset`). */
export function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** The text of an IPv6 address (sixteen bytes at `offset`), as RFC 5952 wants it. */
export function ipv6Text(bytes: Uint8Array, offset: number): string {
  if (isMappedIpv4(bytes, offset)) {
    return `::ffff:${ipv4Text(bytes, offset + 12)}`;
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
