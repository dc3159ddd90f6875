import { BlockList, isIP } from 'node:net';
import { connectionFields } from './fields.js';
import { NetFlowError } from './errors.js';
import { compareBy, type ProcessChoice } from './filter.js';
import { quote } from './quote.js';
import type { Connection } from './records.js';

/** Selects connections, and orders them; an empty filter selects all of them, as the driver has them. */
export interface ConnectionFilter extends ProcessChoice {
  /** Addresses of this side, IPv4 or IPv6, or ranges of them: `10.0.0.0/8`. */
  locals?: readonly string[];
  /** Addresses of the other side, or ranges. */
  remotes?: readonly string[];
  /** Ports of either side. */
  ports?: readonly number[];
  localPorts?: readonly number[];
  remotePorts?: readonly number[];
  /** States as `connections` shows them, case-insensitive. */
  states?: readonly string[];
  protocols?: readonly Connection['protocol'][];
  /** Sorts by this field, in the order of compareTraffic. */
  sort?: keyof Connection;
  /** Selects only the first of them: this many, 1 or more; those with the most bytes if `sort` is absent. */
  top?: number;
}

/** Returns a function that selects as the filter says, beyond processes; INVALID_ARGUMENT for an invalid address. */
export function connectionSelector(filter: ConnectionFilter): (rows: Connection[]) => Connection[] {
  const { sort, top } = filter;
  const tests = [
    ...addressTests(filter.locals, ({ localAddress }) => localAddress),
    ...addressTests(filter.remotes, ({ remoteAddress }) => remoteAddress),
    ...valueTests(filter.localPorts, ({ localPort }) => [localPort]),
    ...valueTests(filter.remotePorts, ({ remotePort }) => [remotePort]),
    ...valueTests(filter.ports, ({ localPort, remotePort }) => [localPort, remotePort]),
    ...valueTests(
      filter.states?.map((state) => state.toLowerCase()),
      ({ state }) => [state],
    ),
    ...valueTests(filter.protocols, ({ protocol }) => [protocol]),
  ];
  const fits = (row: Connection): boolean => tests.every((test) => test(row));
  return (rows) => {
    const selected = rows.filter(fits);
    if (sort === undefined && top === undefined) return selected;
    return selected.toSorted(compareBy(connectionFields, sort)).slice(0, top);
  };
}

type Test = (row: Connection) => boolean;

/** Returns a test whether one of the row's values is one of these; none where nothing is asked for. */
function valueTests<Value>(wanted: readonly Value[] | undefined, valuesOf: (row: Connection) => Value[]): Test[] {
  return wanted ? [(row) => valuesOf(row).some((value) => wanted.includes(value))] : [];
}

/** Returns a test whether an address is one of these, or in one of these ranges; none where nothing is asked for. */
function addressTests(ranges: readonly string[] | undefined, addressOf: (row: Connection) => string): Test[] {
  if (!ranges) return [];
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  const isListed = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
  return [(row) => isListed(addressOf(row))];
}

function addRange(list: BlockList, range: string): void {
  const bare = range.replace(/^\[([^\]]*)\](?=\/|$)/u, '$1'); // as a table shows an address of IPv6
  const [, mapped = '', address = '', bits] = /^(::ffff:(?=\d+\.))?([^/]+)(?:\/(\d{1,3}))?$/iu.exec(bare) ?? [];
  const version = isIP(address);
  const all = version === 4 ? 32 : 128;
  const length = bits === undefined ? all : Number(bits) - (mapped === '' ? 0 : 96);
  if (version === 0 || address.includes('%') || length < 0 || length > all) throw invalidAddress(range);
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}

function invalidAddress(range: string): NetFlowError {
  return new NetFlowError(
    'INVALID_ARGUMENT',
    `Invalid address ${quote(range)}: write it like 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32, without a port.`,
  );
}
