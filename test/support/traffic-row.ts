import type { ProcessTraffic } from '../../core/records.js';
import { toProcessTraffic } from '../../core/traffic.js';
import { processRecord } from './memory-driver.js';

/** A process as `list` has it, with nothing remarkable but what is given. */
export function trafficRow(values: Partial<ProcessTraffic> = {}): ProcessTraffic {
  return { ...toProcessTraffic(processRecord(), 0), ...values };
}
