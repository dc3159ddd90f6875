import type { Connection, ProcessTraffic } from '../../../core/index.js';
import { connections, list } from './netflow.js';

/** Bytes up and down. */
export interface Traffic {
  upload: number;
  download: number;
}

type Row = Pick<ProcessTraffic | Connection, 'processId' | 'uploadBytes' | 'downloadBytes'>;

/** The bytes of a process by all rows that name it; none where no row does. */
export function trafficOf(rows: readonly Row[], pid: number): Traffic {
  return sum(rows.filter(({ processId }) => processId === pid));
}

export function sum(rows: readonly Row[]): Traffic {
  return {
    upload: rows.reduce((bytes, row) => bytes + row.uploadBytes, 0),
    download: rows.reduce((bytes, row) => bytes + row.downloadBytes, 0),
  };
}

/** What NetFlow says of living processes: by process, and by the sum of their connections. */
export async function readTraffic(pids: readonly number[]): Promise<{ processes: Traffic[]; connections: Traffic[] }> {
  const [processes, sockets] = [await list({ pids }), await connections({ pids })];
  return {
    processes: pids.map((pid) => trafficOf(processes, pid)),
    connections: pids.map((pid) => trafficOf(sockets, pid)),
  };
}

/** What NetFlow says of processes that have ended. */
export async function readExited(pids: readonly number[]): Promise<Traffic[]> {
  const rows = (await list({ exited: true })).filter(({ exited }) => exited);
  return pids.map((pid) => trafficOf(rows, pid));
}
