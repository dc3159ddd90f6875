import type { Connection, Limit, Measurement, ProcessTraffic } from './records.js';

/** How a field is to be shown to a person. */
export type FieldKind =
  'id' | 'text' | 'path' | 'time' | 'bytes' | 'speed' | 'limit' | 'count' | 'boolean' | 'duration';

export interface Field<Row> {
  name: keyof Row & string;
  kind: FieldKind;
  /** Column heading of a table. */
  label: string;
  /** Shown in a table; everything is in JSON, CSV and PowerShell. */
  table: boolean;
}

/** The one table of names, in order, that JSON, CSV, the terminal's table and PowerShell use. */
export const processFields: readonly Field<ProcessTraffic>[] = [
  { name: 'processId', kind: 'id', label: 'PID', table: true },
  { name: 'processName', kind: 'text', label: 'Name', table: true },
  { name: 'path', kind: 'path', label: 'Path', table: false },
  { name: 'user', kind: 'text', label: 'User', table: true },
  { name: 'startTime', kind: 'time', label: 'Started', table: false },
  { name: 'uploadBytes', kind: 'bytes', label: 'Upload', table: true },
  { name: 'downloadBytes', kind: 'bytes', label: 'Download', table: true },
  { name: 'uploadSpeed', kind: 'speed', label: 'Up/s', table: true },
  { name: 'downloadSpeed', kind: 'speed', label: 'Down/s', table: true },
  { name: 'uploadLimit', kind: 'limit', label: 'Up limit', table: false },
  { name: 'downloadLimit', kind: 'limit', label: 'Down limit', table: false },
  { name: 'connections', kind: 'count', label: 'Conns', table: true },
  { name: 'exited', kind: 'boolean', label: 'Exited', table: false },
];

export const connectionFields: readonly Field<Connection>[] = [
  { name: 'protocol', kind: 'text', label: 'Proto', table: true },
  { name: 'localAddress', kind: 'text', label: 'Local address', table: true },
  { name: 'localPort', kind: 'id', label: 'Port', table: true },
  { name: 'remoteAddress', kind: 'text', label: 'Remote address', table: true },
  { name: 'remotePort', kind: 'id', label: 'Port', table: true },
  { name: 'state', kind: 'text', label: 'State', table: true },
  { name: 'processId', kind: 'id', label: 'PID', table: true },
  { name: 'processName', kind: 'text', label: 'Name', table: true },
  { name: 'uploadBytes', kind: 'bytes', label: 'Upload', table: true },
  { name: 'downloadBytes', kind: 'bytes', label: 'Download', table: true },
  { name: 'uploadSpeed', kind: 'speed', label: 'Up/s', table: true },
  { name: 'downloadSpeed', kind: 'speed', label: 'Down/s', table: true },
];

export const measurementFields: readonly Field<Measurement>[] = [
  { name: 'command', kind: 'text', label: 'Command', table: true },
  { name: 'exitCode', kind: 'id', label: 'Exit code', table: true },
  { name: 'durationMs', kind: 'duration', label: 'Duration', table: true },
  { name: 'processes', kind: 'count', label: 'Processes', table: true },
  { name: 'uploadBytes', kind: 'bytes', label: 'Upload', table: true },
  { name: 'downloadBytes', kind: 'bytes', label: 'Download', table: true },
  { name: 'averageUploadSpeed', kind: 'speed', label: 'Average up', table: true },
  { name: 'averageDownloadSpeed', kind: 'speed', label: 'Average down', table: true },
];

export const limitFields: readonly Field<Limit>[] = [
  { name: 'target', kind: 'text', label: 'Target', table: true },
  { name: 'processId', kind: 'id', label: 'PID', table: true },
  { name: 'path', kind: 'path', label: 'Path', table: true },
  { name: 'uploadLimit', kind: 'limit', label: 'Up limit', table: true },
  { name: 'downloadLimit', kind: 'limit', label: 'Down limit', table: true },
  { name: 'shared', kind: 'boolean', label: 'Shared', table: true },
  { name: 'source', kind: 'text', label: 'Source', table: true },
  { name: 'processes', kind: 'count', label: 'Processes', table: true },
];
