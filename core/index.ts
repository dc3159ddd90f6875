/** The public surface of NetFlow: all of it. */
export { NetFlow, type OpenOptions } from './netflow.js';
export { NetFlowError, type NetFlowErrorCode } from './errors.js';
export type { ConnectionFilter } from './connections.js';
export { compareTraffic, type ProcessChoice, type ProcessFilter, type WatchOptions } from './filter.js';
export type { LimitChange, LimitTarget } from './limits.js';
export type { MeasureOptions, ProcessMeasurement } from './measure.js';
export type {
  Connection,
  DriverStatus,
  Limit,
  Measurement,
  PolicyDifference,
  PolicyRule,
  ProcessTraffic,
  Requirement,
  TimedTraffic,
  TrafficSnapshot,
  Transfer,
} from './records.js';
export {
  connectionFields,
  driverFields,
  isNumber,
  limitFields,
  measurementFields,
  processFields,
  propertyName,
  protocolNames,
  stateNames,
  requirementFields,
  timedFields,
  transferFields,
  type Field,
  type FieldKind,
} from './fields.js';
export { formatPolicy } from './policy-file.js';
export { formatRate, parseRate } from './rate.js';
export { rateExamples } from './rate-examples.js';
export { formatBytes, formatDuration, formatRule, formatSpeed } from './units.js';
