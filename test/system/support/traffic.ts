import type { Connection, ProcessTraffic } from '../../../core/index.js';
import { connections, list } from './netflow.js';

/** Bytes up and down. */
export interface Traffic {
  upload: number;
  download: number;
}

type Row = Pick<ProcessTraffic | Connection, 'processId' | 'uploadBytes' | 'downloadBytes'>;

/** The bytes of a process, summed over all rows with its id; 0 where there is none. */
export function trafficOf(rows: readonly Row[], pid: number): Traffic {
  return sum(rows.filter(({ processId }) => processId === pid));
}

export function sum(rows: readonly Row[]): Traffic {
  return {
    upload: rows.reduce((bytes, row) => bytes + row.uploadBytes, 0),
    download: rows.reduce((bytes, row) => bytes + row.downloadBytes, 0),
  };
}

/** Reads the traffic of living processes: that of each process, and the sum of its connections'. */
export async function readTraffic(pids: readonly number[]): Promise<{ processes: Traffic[]; connections: Traffic[] }> {
  const [processes, sockets] = [await list({ pids }), await connections({ pids })];
  return {
    processes: pids.map((pid) => trafficOf(processes, pid)),
    connections: pids.map((pid) => trafficOf(sockets, pid)),
  };
}

/** Reads the traffic of exited processes. */
export async function readExited(pids: readonly number[]): Promise<Traffic[]> {
  const rows = (await list({ exited: true })).filter(({ exited }) => exited);
  return pids.map((pid) => trafficOf(rows, pid));
}
