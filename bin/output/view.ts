import type { ChalkInstance } from 'chalk';
import { compareTraffic, type Field, type ProcessTraffic, type TrafficSnapshot } from '../../core/index.js';
import { tableLines } from './table.js';
import { truncate } from './text.js';
import { totalsLine } from './totals.js';
import { withUsedLimits } from './used-limits.js';

/** An order of the rows, and the key that chooses it. */
export interface Order {
  label: string;
  compare: (a: ProcessTraffic, b: ProcessTraffic) => number;
}

/** The state of the live table: everything apart from the figures. */
export interface View {
  width: number;
  height: number;
  order: Order;
  paused: boolean;
  /** Whether there is a keyboard to press keys on. */
  keys: boolean;
  fields: readonly Field<ProcessTraffic>[];
  top: number;
  colours: ChalkInstance;
}

/** The orders, by the key that chooses them. */
export const orders: Readonly<Record<string, Order>> = {
  u: { label: 'upload speed', compare: compareTraffic('uploadSpeed') },
  d: { label: 'download speed', compare: compareTraffic('downloadSpeed') },
  U: { label: 'uploaded bytes', compare: compareTraffic('uploadBytes') },
  D: { label: 'downloaded bytes', compare: compareTraffic('downloadBytes') },
  n: { label: 'name', compare: compareTraffic('processName') },
  p: { label: 'process id', compare: compareTraffic('processId') },
};

/** Returns the first order: by all bytes, or by the field that was asked for. */
export function orderBy(field: keyof ProcessTraffic | undefined): Order {
  return { label: field ?? 'bytes', compare: compareTraffic(field) };
}

/** Returns the lines of the screen, top to bottom: totals, table, keys; never more lines than it has. */
export function viewLines(snapshot: TrafficSnapshot, view: View): string[] {
  const { colours, width } = view;
  const room = Math.max(0, view.height - 4);
  const rows = snapshot.processes.toSorted(view.order.compare).slice(0, Math.min(view.top, room));
  const table = tableLines(rows, withUsedLimits(view.fields, snapshot.processes), { colours, width });
  const lines = [colours.bold(truncate(totalsLine(snapshot), width)), '', ...table];
  while (lines.length < view.height - 1) lines.push('');
  return [...lines.slice(0, view.height - 1), colours.dim(truncate(footer(view), width))].slice(-view.height);
}

function footer({ order, paused, keys }: View): string {
  const state = `${paused ? 'paused, ' : ''}sorted by ${order.label}`;
  if (!keys) return state;
  return `q quit  u/d speed  U/D bytes  n name  p pid  space ${paused ? 'resume' : 'pause'}  |  ${state}`;
}
