import { BlockList, isIP } from 'node:net';
import { connectionFields } from './fields.js';
import { NetFlowError } from './errors.js';
import { compareBy, type ProcessChoice } from './filter.js';
import { quote } from './quote.js';
import type { Connection } from './records.js';

/** Selects connections, and orders them; an empty filter selects all of them, as the driver has them. */
export interface ConnectionFilter extends ProcessChoice {
  /** Addresses of the other side, IPv4 or IPv6, or ranges of them: `10.0.0.0/8`. */
  remotes?: readonly string[];
  /** Ports of either side. */
  ports?: readonly number[];
  /** States as `connections` shows them, case-insensitive. */
  states?: readonly string[];
  protocols?: readonly Connection['protocol'][];
  /** Sorts by this field, in the order of compareTraffic. */
  sort?: keyof Connection;
  /** Selects only the first of them: this many, 1 or more; those with the most bytes if `sort` is absent. */
  top?: number;
}

/** Returns a function that does what the filter says beyond processes; throws INVALID_ARGUMENT for an invalid address. */
export function connectionSelector(filter: ConnectionFilter): (rows: Connection[]) => Connection[] {
  const { remotes, ports, protocols, sort, top } = filter;
  const states = filter.states?.map((state) => state.toLowerCase());
  const isRemote = remotes && addressTest(remotes);
  const fits = (row: Connection): boolean =>
    (isRemote?.(row.remoteAddress) ?? true) &&
    (ports === undefined || ports.includes(row.localPort) || ports.includes(row.remotePort)) &&
    (states?.includes(row.state) ?? true) &&
    (protocols?.includes(row.protocol) ?? true);
  return (rows) => {
    const selected = rows.filter(fits);
    if (sort === undefined && top === undefined) return selected;
    return selected.toSorted(compareBy(connectionFields, sort)).slice(0, top);
  };
}

/** Returns a test whether an address is one of these, or in one of these ranges. */
function addressTest(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function addRange(list: BlockList, range: string): void {
  const [, mapped = '', address = '', bits] = /^(::ffff:(?=\d+\.))?([^/]+)(?:\/(\d{1,3}))?$/iu.exec(range) ?? [];
  const version = isIP(address);
  const all = version === 4 ? 32 : 128;
  const length = bits === undefined ? all : Number(bits) - (mapped === '' ? 0 : 96);
  if (version === 0 || address.includes('%') || length < 0 || length > all) throw invalidAddress(range);
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}

function invalidAddress(range: string): NetFlowError {
  return new NetFlowError(
    'INVALID_ARGUMENT',
    `Invalid address ${quote(range)}: write it like 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32.`,
  );
}
