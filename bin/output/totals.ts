import { formatBytes, formatSpeed, type TrafficSnapshot } from '../../core/index.js';

/** What the whole machine transfers, in one line. */
export function totalsLine({ time, processes, totals }: TrafficSnapshot): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  return [
    clock,
    `up ${formatSpeed(totals.uploadSpeed)} (${formatBytes(totals.uploadBytes)})`,
    `down ${formatSpeed(totals.downloadSpeed)} (${formatBytes(totals.downloadBytes)})`,
    `${processes.length} ${processes.length === 1 ? 'process' : 'processes'}`,
  ].join('  ');
}
