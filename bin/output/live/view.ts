import type { ChalkInstance } from 'chalk';
import { processFields, type Connection, type Field, type TrafficSnapshot } from '../../../core/index.js';
import { fitColumns, gap, naturalWidth, totalWidth, type Column } from '../columns.js';
import { endpointFields, withEndpoints } from '../endpoints.js';
import { columnLines, tableLines } from '../table.js';
import { displayWidth, printable, truncate } from '../text.js';
import { totalsLines } from '../totals.js';
import { withUsedLimits } from '../used-limits.js';
import { keyLines, keysLine } from './keys.js';
import type { Part } from './place.js';
import { commandOf, type LiveRow } from './row.js';
import type { LiveState } from './state.js';

/** What the live table shows, and on what. */
export interface View {
  width: number;
  height: number;
  colours: ChalkInstance;
  /** Whether there is a keyboard to press keys on. */
  keys: boolean;
  state: LiveState;
  snapshot: TrafficSnapshot;
  /** All rows of the table, of which a part is on the screen. */
  rows: readonly LiveRow[];
  /** The seconds of the average. */
  average: number;
  exited: boolean;
  /** What has to be said, until a key is pressed. */
  notice: string;
}

// A low screen goes without the machine's totals, and without the keys.
const lowest = { totals: 8, keys: 5 };

/** Returns how many rows of a table there is room for. */
export function roomFor({ height }: { height: number }): number {
  return Math.max(0, height - (height >= lowest.totals ? 2 : 1) - 1 - (height >= lowest.keys ? 1 : 0));
}

/** Returns the lines of the screen with a part of the processes; never more lines than it has. */
export function processLines(view: View, part: Part<LiveRow>): string[] {
  const { width, colours, state } = view;
  const rows = part.rows.map((row) => ({ ...row, command: commandOf(row) }));
  const table = columnLines(rows, columnsFor(view, rows), { colours, width, zero: '-' });
  if (part.of === 0) table.push('', emptyText(view));
  else if (rows[part.chosen]) table[part.chosen + 1] = inverse(table[part.chosen + 1] ?? '', width);
  const filter = state.filter === '' ? '' : `  /${printable(state.filter)}`;
  return frame(view, view.rows, `${positionOf(part)}${filter}`, table);
}

/** Returns the lines of the screen with the connections of a process; undefined where it has exited. */
export function connectionLines(view: View, process: LiveRow | undefined, part: Part<Connection>): string[] {
  const { width, colours } = view;
  const fields = endpointFields.filter(({ name }) => name !== 'processId' && name !== 'processName');
  const table = tableLines(part.rows.map(withEndpoints), fields, { colours, width, zero: '-' });
  const who = process === undefined ? 'it has exited' : `${printable(process.processName)} (${process.processId})`;
  return frame(view, process ? [process] : [], `${who}, connections ${positionOf(part)}`, table);
}

/** Returns the lines of the screen with a part of the help. */
export function helpLines(view: View, part: Part<string>): string[] {
  return frame(view, view.rows, `keys ${positionOf(part)}`, ['', ...part.rows]);
}

/** Returns the help, which can be longer than the screen. */
export function helpRows({ width }: { width: number }): string[] {
  return keyLines(width);
}

function frame(view: View, shown: readonly LiveRow[], label: string, body: readonly string[]): string[] {
  const { width, height, colours, state } = view;
  const totals = totalsLines(view.snapshot, shown, state.paused ? `${label}, paused` : label, width);
  const top = height >= lowest.totals ? totals : totals.slice(1);
  const lines = [...top.map((line) => colours.bold(line)), ...body.map((line) => cut(line, width))];
  while (lines.length < height) lines.push('');
  const bottom = bottomLine(view);
  const kept = height >= lowest.keys || (bottom !== '' && isUrgent(view)) ? height - 1 : height;
  return [...lines.slice(0, kept), ...(kept < height ? [truncate(bottom, width)] : [])];
}

function bottomLine({ width, keys, state, notice }: View): string {
  if (state.typing) return `/${printable(state.filter)}_`;
  if (notice !== '') return printable(notice);
  return keys ? keysLine(width) : '';
}

function isUrgent({ state, notice }: View): boolean {
  return state.typing || notice !== '';
}

function positionOf({ above, rows, of }: Part<unknown>): string {
  if (of === 0) return 'none';
  return rows.length === 0 ? `0 of ${of}` : `${above + 1}-${above + rows.length} of ${of}`;
}

function emptyText({ snapshot, state }: View): string {
  if (snapshot.processes.length === 0) return 'There is nothing to show yet.';
  return `No process has ${JSON.stringify(printable(state.filter))} in its name, path, command line or user.`;
}

type ShownRow = LiveRow & { command: string };

// From left to right.
const columnNames = [
  ...['processId', 'processName', 'user', 'uploadSpeed', 'downloadSpeed', 'averageSpeed', 'uploadBytes'],
  ...['downloadBytes', 'uploadLimit', 'downloadLimit', 'connections', 'exited'],
];

// A narrow screen goes without these, from the first on, and without what the order goes by last of all.
const dispensable = [
  ...['user', 'connections', 'exited', 'uploadBytes', 'downloadBytes', 'uploadLimit', 'downloadLimit'],
  ...['averageSpeed', 'processId', 'uploadSpeed', 'downloadSpeed'],
];

/** Chooses the columns, and gives what is left of the width to the path, or what it needs to the command line. */
function columnsFor(view: View, shown: readonly ShownRow[]): Column<ShownRow>[] {
  const { width, state } = view;
  const { fields: sorted } = state.order;
  const fields = fieldsFor(view).filter(({ name }) => !(state.commands && name === 'processName'));
  const rest = state.commands ? commandField : pathField;
  const restWidth = naturalWidth(rest, shown);
  const least = Math.min(restWidth + gap, state.commands ? Math.floor(width / 2) : width - 100);
  const isSorted = (name: string): boolean => sorted.some((field) => field === name);
  const names = [...dispensable.filter((name) => !isSorted(name)), ...dispensable.filter(isSorted)];
  const fit = (some: typeof fields) => fitColumns(some, shown, width - Math.max(0, least), names);
  const all = fit(fields);
  const columns = all.some((column) => isCut(column, shown)) ? fit(fields.filter(({ name }) => name !== 'user')) : all;
  const left = width - totalWidth(columns) - gap;
  if (left < (state.commands ? 1 : 12)) return columns;
  return [...columns, { field: rest, width: Math.min(left, restWidth) }];
}

/** Whether names are cut more than they should be: the user is worth less. */
function isCut({ field, width }: Column<ShownRow>, shown: readonly ShownRow[]): boolean {
  return field.name === 'processName' && width < Math.min(16, naturalWidth(field, shown));
}

const pathField: Field<ShownRow> = { name: 'path', kind: 'path', label: 'Path', table: true };

const commandField: Field<ShownRow> = { name: 'command', kind: 'text', label: 'Command', table: true };

function fieldsFor({ rows, average, exited, state }: View): Field<ShownRow>[] {
  const averageField = { name: 'averageSpeed', kind: 'speed', label: `${average}s avg`, table: true } as const;
  const fields: Field<ShownRow>[] = [...withUsedLimits(processFields, rows), averageField];
  const mark = state.order.descending ? 'v' : '^';
  const isSorted = (name: string): boolean => state.order.fields.some((field) => field === name);
  return columnNames
    .flatMap((name) => fields.find((field) => field.name === name) ?? [])
    .map((field) => ({
      ...field,
      table: field.name === 'exited' ? exited : field.table,
      label: isSorted(field.name) ? `${mark} ${field.label}` : field.label,
    }));
}

function cut(line: string, width: number): string {
  return displayWidth(line) <= width ? line : truncate(line, width);
}

// Reverse video is no colour: it shows also with NO_COLOR.
function inverse(line: string, width: number): string {
  return `\x1b[7m${line}${' '.repeat(Math.max(0, width - displayWidth(line)))}\x1b[27m`;
}
