import { connectionFields, type Connection, type Field } from '../../core/index.js';

const labels: Partial<Record<keyof Connection, string>> = { localAddress: 'Local', remoteAddress: 'Remote' };

/** A table has each side of a connection in one column. */
export const endpointFields: Field<Connection>[] = connectionFields
  .filter(({ name }) => name !== 'localPort' && name !== 'remotePort')
  .map((field) => ({ ...field, label: labels[field.name] ?? field.label }));

/** Returns a connection for these fields: its addresses with their ports. */
export function withEndpoints(row: Connection): Connection {
  return {
    ...row,
    localAddress: endpoint(row.localAddress, row.localPort),
    remoteAddress: /^[:0.]*$/.test(row.remoteAddress) ? '' : endpoint(row.remoteAddress, row.remotePort),
  };
}

function endpoint(address: string, port: number): string {
  if (port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
