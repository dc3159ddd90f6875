import type {
  Connection,
  DriverStatus,
  Limit,
  Measurement,
  ProcessTraffic,
  Requirement,
  TimedTraffic,
  Transfer,
} from './records.js';

const numberKinds = ['id', 'bytes', 'speed', 'limit', 'count', 'duration'] as const;

type NumberKind = (typeof numberKinds)[number];
type TextKind = 'text' | 'path' | 'time';

/** Says how to show a field to a person. */
export type FieldKind = NumberKind | TextKind | 'boolean' | 'records';

export interface Field<Row> {
  name: keyof Row & string;
  kind: FieldKind;
  /** The column's heading in a table. */
  label: string;
  /** Whether a table shows it; JSON, CSV and PowerShell's objects have every field. */
  table: boolean;
  /** The width of a text's column in PowerShell, whose tables show a row before they know the next one. */
  width?: number;
}

/** The kinds that fit a value's type. */
type KindOf<Value> = Value extends boolean
  ? 'boolean'
  : Value extends number
    ? NumberKind
    : Value extends string
      ? TextKind
      : 'records';

/** Has every field of a record exactly once, with a kind that fits its type: the compiler refuses anything else. */
type Fields<Row> = {
  readonly [Name in keyof Row & string]: Omit<Field<Row>, 'name' | 'kind'> & { kind: KindOf<NonNullable<Row[Name]>> };
};

/**
 * The names, in order, that JSON, CSV, the terminal's table and PowerShell all use. After a change, run
 * scripts/generate-records.mjs, which makes PowerShell's records and views from them.
 */
const traffic: Fields<ProcessTraffic> = {
  processId: { kind: 'id', label: 'PID', table: true },
  processName: { kind: 'text', label: 'Name', table: true, width: 16 },
  path: { kind: 'path', label: 'Path', table: false },
  user: { kind: 'text', label: 'User', table: true, width: 11 },
  startTime: { kind: 'time', label: 'Started', table: false },
  uploadBytes: { kind: 'bytes', label: 'Upload', table: true },
  downloadBytes: { kind: 'bytes', label: 'Download', table: true },
  uploadSpeed: { kind: 'speed', label: 'Up/s', table: true },
  downloadSpeed: { kind: 'speed', label: 'Down/s', table: true },
  uploadLimit: { kind: 'limit', label: 'Up limit', table: false },
  downloadLimit: { kind: 'limit', label: 'Down limit', table: false },
  connections: { kind: 'count', label: 'Conns', table: true },
  exited: { kind: 'boolean', label: 'Exited', table: false },
  commandLine: { kind: 'text', label: 'Command line', table: false },
  service: { kind: 'text', label: 'Service', table: false },
};

export const processFields = inOrder<ProcessTraffic>(traffic);

/** Of a watch, whose rows would be all alike without the time. */
export const timedFields = inOrder<TimedTraffic>({
  time: { kind: 'time', label: 'Time', table: false },
  ...traffic,
});

export const connectionFields = inOrder<Connection>({
  protocol: { kind: 'text', label: 'Proto', table: true, width: 5 },
  localAddress: { kind: 'text', label: 'Local address', table: true, width: 22 },
  localPort: { kind: 'id', label: 'Port', table: true },
  remoteAddress: { kind: 'text', label: 'Remote address', table: true, width: 38 },
  remotePort: { kind: 'id', label: 'Port', table: true },
  state: { kind: 'text', label: 'State', table: true, width: 12 },
  processId: { kind: 'id', label: 'PID', table: true },
  processName: { kind: 'text', label: 'Name', table: true, width: 15 },
  uploadBytes: { kind: 'bytes', label: 'Upload', table: true },
  downloadBytes: { kind: 'bytes', label: 'Download', table: true },
  uploadSpeed: { kind: 'speed', label: 'Up/s', table: true },
  downloadSpeed: { kind: 'speed', label: 'Down/s', table: true },
});

const transfer: Fields<Transfer> = {
  durationMs: { kind: 'duration', label: 'Duration', table: true },
  processes: { kind: 'count', label: 'Processes', table: true },
  uploadBytes: { kind: 'bytes', label: 'Upload', table: true },
  downloadBytes: { kind: 'bytes', label: 'Download', table: true },
  averageUploadSpeed: { kind: 'speed', label: 'Average up', table: true },
  averageDownloadSpeed: { kind: 'speed', label: 'Average down', table: true },
};

export const transferFields = inOrder<Transfer>(transfer);

export const measurementFields = inOrder<Measurement>({
  command: { kind: 'text', label: 'Command', table: true },
  exitCode: { kind: 'id', label: 'Exit code', table: true },
  ...transfer,
});

export const limitFields = inOrder<Limit>({
  target: { kind: 'text', label: 'Target', table: true, width: 7 },
  processId: { kind: 'id', label: 'PID', table: true },
  path: { kind: 'path', label: 'Path', table: true },
  uploadLimit: { kind: 'limit', label: 'Up limit', table: true },
  downloadLimit: { kind: 'limit', label: 'Down limit', table: true },
  shared: { kind: 'boolean', label: 'Shared', table: true },
  source: { kind: 'text', label: 'Source', table: true, width: 6 },
  processes: { kind: 'count', label: 'Processes', table: true },
});

export const driverFields = inOrder<DriverStatus>({
  driver: { kind: 'text', label: 'Driver', table: true },
  state: { kind: 'text', label: 'State', table: true },
  version: { kind: 'text', label: 'Version', table: true },
  since: { kind: 'time', label: 'Since', table: true },
  lostEvents: { kind: 'count', label: 'Lost events', table: true },
  unattributedBytes: { kind: 'bytes', label: 'Unattributed', table: true },
  requirements: { kind: 'records', label: 'Requirements', table: true },
});

export const requirementFields = inOrder<Requirement>({
  name: { kind: 'text', label: 'Name', table: true, width: 24 },
  ok: { kind: 'boolean', label: 'Ok', table: true },
  detail: { kind: 'text', label: 'Detail', table: true },
});

export const protocolNames = [
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'raw',
  'packet',
] as const satisfies Connection['protocol'][];

/** The states of a connection, as RFC 9293 names them. */
// prettier-ignore
export const stateNames = [
  'listen', 'syn-sent', 'syn-received', 'established', 'fin-wait-1', 'fin-wait-2', 'close-wait', 'closing', 'last-ack',
  'time-wait', 'closed',
] as const;

/** Returns a field's name in CSV and PowerShell: `ProcessId` for `processId`. */
export function propertyName({ name }: { name: string }): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Whether a field's values are numbers, which tables align to the right. */
export function isNumber(kind: FieldKind): boolean {
  return (numberKinds as readonly string[]).includes(kind);
}

function inOrder<Row>(fields: Fields<Row>): readonly Field<Row>[] {
  return Object.entries<Omit<Field<Row>, 'name'>>(fields).map(([name, field]) => ({
    ...field,
    name: name as keyof Row & string,
  }));
}
