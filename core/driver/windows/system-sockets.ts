import type { Connection } from '../../records.js';
import { ipv4Text, ipv6Text } from '../address.js';
import { iphlpapi } from './iphlpapi.js';
import { win32, win32Error } from './win32-error.js';

/** A socket as Windows lists it, whether or not anything has gone through it. */
export type SystemSocket = Pick<
  Connection,
  'protocol' | 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort' | 'state' | 'processId'
>;

const ipv4 = 2;
const ipv6 = 23;

/** TCP_TABLE_OWNER_PID_ALL and UDP_TABLE_OWNER_PID. */
const allByProcess = { tcp: 5, udp: 1 } as const;

/** MIB_TCP_STATE, with the names that Connection has for them. */
const states = [
  '',
  'closed',
  'listen',
  'syn-sent',
  'syn-received',
  'established',
  'fin-wait-1',
  'fin-wait-2',
  'close-wait',
  'closing',
  'last-ack',
  'time-wait',
];

/** The offsets of a row's fields in bytes (MIB_TCPROW_OWNER_PID and the like); 0 for a field that it doesn't have. */
interface RowLayout {
  size: number;
  localAddress: number;
  localPort: number;
  remoteAddress: number;
  remotePort: number;
  state: number;
  processId: number;
}

const layouts: Record<'tcp' | 'udp', Record<typeof ipv4 | typeof ipv6, RowLayout>> = {
  tcp: {
    [ipv4]: { size: 24, state: 0, localAddress: 4, localPort: 8, remoteAddress: 12, remotePort: 16, processId: 20 },
    [ipv6]: { size: 56, localAddress: 0, localPort: 20, remoteAddress: 24, remotePort: 44, state: 48, processId: 52 },
  },
  udp: {
    [ipv4]: { size: 12, localAddress: 0, localPort: 4, processId: 8, remoteAddress: 0, remotePort: 0, state: 0 },
    [ipv6]: { size: 28, localAddress: 0, localPort: 20, processId: 24, remoteAddress: 0, remotePort: 0, state: 0 },
  },
};

/** Returns every socket that a process has open. Those in TIME-WAIT belong to none. */
export function readSystemSockets(): SystemSocket[] {
  const tables = (['tcp', 'udp'] as const).flatMap((protocol) =>
    ([ipv4, ipv6] as const).map((family) => [...decodeTable(readTable(protocol, family), protocol, family)]),
  );
  return tables.flat().filter(({ processId }) => processId !== 0);
}

function readTable(protocol: 'tcp' | 'udp', family: number): Buffer {
  const read = protocol === 'tcp' ? iphlpapi.GetExtendedTcpTable : iphlpapi.GetExtendedUdpTable;
  for (let bytes = 64 * 1024; ;) {
    const table = Buffer.alloc(bytes);
    const needed = [bytes];
    const code = read(table, needed, false, family, allByProcess[protocol], 0);
    if (code === win32.success) return table;
    if (code !== win32.insufficientBuffer) throw win32Error('GetExtendedTcpTable or GetExtendedUdpTable', code);
    bytes = 2 * Math.max(bytes, needed[0] ?? 0); // there may be more by then
  }
}

/** The rows of a table: their number, then one after the other. Exported for its test. */
export function* decodeTable(
  table: Buffer,
  protocol: 'tcp' | 'udp',
  family: typeof ipv4 | typeof ipv6,
): Generator<SystemSocket> {
  const layout = layouts[protocol][family];
  const addressText = family === ipv4 ? ipv4Text : ipv6Text;
  const count = table.readUInt32LE();
  for (let index = 0; index < count; index++) {
    const row = table.subarray(4 + index * layout.size, 4 + (index + 1) * layout.size);
    const hasRemote = protocol === 'tcp';
    yield {
      protocol,
      localAddress: addressText(row, layout.localAddress),
      localPort: row.readUInt16BE(layout.localPort),
      remoteAddress: hasRemote ? addressText(row, layout.remoteAddress) : anyAddress[family],
      remotePort: hasRemote ? row.readUInt16BE(layout.remotePort) : 0,
      state: hasRemote ? (states[row.readUInt32LE(layout.state)] ?? '') : '',
      processId: row.readUInt32LE(layout.processId),
    };
  }
}

const anyAddress = { [ipv4]: '0.0.0.0', [ipv6]: '::' } as const;
