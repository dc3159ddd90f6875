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

function toTraffic({ processes, sockets }: Reading): ProcessTraffic[] {
  return processes
    .map((process) => toProcessTraffic(process, process.exited ? 0 : (sockets.get(process.identity) ?? 0)))
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
  };
}
