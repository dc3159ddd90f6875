import type { ProcessTraffic, TrafficSnapshot } from '../../../core/index.js';
import { trafficRow } from '../../support/traffic-row.js';

/** A process with figures to show, and with what is given. */
export function processTraffic(changes: Partial<ProcessTraffic> = {}): ProcessTraffic {
  return trafficRow({
    startTime: '2026-01-02T03:04:05.678Z',
    uploadBytes: 1434,
    downloadBytes: 12_897_485,
    downloadSpeed: 1_468_006,
    connections: 2,
    ...changes,
  });
}

export function snapshotOf(processes: ProcessTraffic[]): TrafficSnapshot {
  const totals = { uploadBytes: 2048, downloadBytes: 3_145_728, uploadSpeed: 1024, downloadSpeed: 2048 };
  return { time: '2026-01-02T03:04:05.678Z', processes, totals };
}

/** Names that a process can give itself to break a line, a format or a terminal. */
export const hostileNames = [
  'two\nlines',
  'carriage\rreturn',
  'ansi\x1b[2J\x1b[31mred',
  'title\x1b]0;owned\x07',
  'one-byte\x9b31mred',
  'back\x08\x08\x08space',
  'delete\x7f',
  'a "quoted", name',
  'reversed\u202eexe.txt',
  'hidden\u200bspace',
  'line\u2028separator',
  'half\ud800pair',
  '\t tab and space ',
];
