import { formatBytes, formatSpeed, type TrafficSnapshot } from '../../core/index.js';

/** Describes in one line what the whole machine transfers. */
export function totalsLine({ time, processes, totals }: TrafficSnapshot): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  return [
    clock,
    `up ${formatSpeed(totals.uploadSpeed)} (${formatBytes(totals.uploadBytes)})`,
    `down ${formatSpeed(totals.downloadSpeed)} (${formatBytes(totals.downloadBytes)})`,
    `${processes.length} ${processes.length === 1 ? 'process' : 'processes'}`,
  ].join('  ');
}
