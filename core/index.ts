/** The public surface of NetFlow; nothing else is. */
export { NetFlow, type OpenOptions } from './netflow.js';
export { NetFlowError, type NetFlowErrorCode } from './errors.js';
export { compareTraffic, type ConnectionFilter, type ProcessFilter, type WatchOptions } from './filter.js';
export type { MeasureOptions, ProcessMeasurement } from './measure.js';
export type {
  Connection,
  DriverStatus,
  Measurement,
  ProcessTraffic,
  Requirement,
  TrafficSnapshot,
  Transfer,
} from './records.js';
export { connectionFields, measurementFields, processFields, type Field, type FieldKind } from './fields.js';
export { formatBytes, formatDuration, formatSpeed } from './units.js';
