import { declareDll, type Out, type Prototype } from './dll.js';

/** Returns a code of `win32`. */
type ReadTable = (
  table: Buffer,
  bytes: Out<number>,
  sorted: boolean,
  family: number,
  kind: number,
  reserved: number,
) => number;

const readTable: Prototype = [
  'uint32_t',
  'void *table, _Inout_ uint32_t *bytes, bool sorted, uint32_t family, int kind, uint32_t reserved',
];

export const iphlpapi = declareDll<{ GetExtendedTcpTable: ReadTable; GetExtendedUdpTable: ReadTable }>('iphlpapi.dll', {
  GetExtendedTcpTable: readTable,
  GetExtendedUdpTable: readTable,
});
