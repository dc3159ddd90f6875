import type { ProcessRecord, Reading } from './driver/driver.js';
import type { ProcessTraffic, TrafficSnapshot } from './records.js';

/** Returns every process with sockets or traffic, as one snapshot. */
export function toSnapshot(reading: Reading): TrafficSnapshot {
  const { uploadBytes, downloadBytes, uploadSpeed, downloadSpeed } = reading.statistics;
  return {
    time: reading.time.toISOString(),
    processes: toTraffic(reading),
    totals: { uploadBytes, downloadBytes, uploadSpeed, downloadSpeed },
  };
}

/** What exited processes went by besides their names, which nobody else knows any more. */
const shortNames = new WeakMap<ProcessTraffic, string>();

/** Returns the names of a process of a snapshot, as far as the snapshot has them. */
export function namesIn(process: ProcessTraffic): string[] {
  return [process.processName, shortNames.get(process) ?? process.processName];
}

function toTraffic({ processes, sockets }: Reading): ProcessTraffic[] {
  return processes
    .map((process) => {
      const traffic = toProcessTraffic(process, process.exited ? 0 : (sockets.get(process.identity) ?? 0));
      if (process.exited) shortNames.set(traffic, process.shortName);
      return traffic;
    })
    .filter(({ connections, uploadBytes, downloadBytes }) => connections + uploadBytes + downloadBytes > 0);
}

/** Returns a process as `list` shows it. */
export function toProcessTraffic(process: ProcessRecord, connections: number): ProcessTraffic {
  return {
    processId: process.processId,
    processName: process.name,
    path: process.path,
    user: process.user,
    startTime: new Date(process.startTime).toISOString(),
    uploadBytes: process.uploadBytes,
    downloadBytes: process.downloadBytes,
    uploadSpeed: process.uploadSpeed,
    downloadSpeed: process.downloadSpeed,
    uploadLimit: process.uploadLimit,
    downloadLimit: process.downloadLimit,
    connections,
    exited: process.exited,
    commandLine: process.commandLine,
    service: process.service,
  };
}
