import {
  formatBytes,
  formatDuration,
  formatRate,
  formatSpeed,
  isNumber,
  type Field,
  type FieldKind,
} from '../../core/index.js';
import { cellOf, type Cell } from './cell.js';
import { displayWidth, printable } from './text.js';

/** A column of a table: its field and its width. */
export interface Column<Row> {
  field: Field<Row>;
  width: number;
}

/** The space between two columns. */
export const gap = 2;

const narrowestText = 8;

// The least widths, which keep the table from jumping about while figures change.
const steadyWidths: Partial<Record<FieldKind, number>> = { bytes: 8, speed: 9, limit: 9 };

// A narrow terminal goes without these, from the first on. Of a process its name and speeds stay, of a connection the
// answer to who talks to whom, of a limit what it is for and how much.
const dispensable = ['user', 'connections', 'uploadBytes', 'downloadBytes'];
// prettier-ignore
const dispensableOfConnections = [
  'uploadSpeed', 'downloadSpeed', 'state', 'uploadBytes', 'downloadBytes', 'localAddress', 'protocol',
];

const dispensableOfLimits = ['target', 'source', 'shared', 'processes'];

/** A part of one of these is worth nothing. They make lines longer than a terminal where it is too narrow for one. */
const whole = ['localAddress', 'remoteAddress'];

/** Chooses the columns that fit a width: cuts texts down first, then leaves out whole columns, those named first. */
export function fitColumns<Row>(
  fields: readonly Field<Row>[],
  rows: readonly Row[],
  width: number,
  names = dispensableOf(fields),
): Column<Row>[] {
  let columns = inTable(fields).map((field) => ({ field, width: naturalWidth(field, rows) }));
  for (const name of ['', ...names]) {
    columns = columns.filter(({ field }) => field.name !== name);
    const excess = totalWidth(columns) - width;
    if (excess <= slackOf(columns)) return shrinkTexts(columns, excess);
  }
  while (columns.length > 1 && totalWidth(columns) - slackOf(columns) > width) columns.pop();
  return shrinkTexts(columns, totalWidth(columns) - width);
}

function dispensableOf(fields: readonly { name: string }[]): readonly string[] {
  const names = fields.map(({ name }) => name);
  if (names.includes('remoteAddress')) return dispensableOfConnections;
  return names.includes('target') ? dispensableOfLimits : dispensable;
}

/** Returns the text that a table shows for a value. */
export function cellText(value: Cell, kind: FieldKind): string {
  if (kind === 'limit') return formatRate(value === null ? null : Number(value));
  if (value === null) return '';
  if (kind === 'boolean') return value === true ? 'yes' : '';
  if (kind === 'bytes') return formatBytes(Number(value));
  if (kind === 'speed') return formatSpeed(Number(value));
  if (kind === 'duration') return formatDuration(Number(value));
  return printable(String(value));
}

// A command line is as wide as it likes, so it comes last.
function inTable<Row>(fields: readonly Field<Row>[]): Field<Row>[] {
  const isLast = ({ name }: Field<Row>): boolean => name === 'commandLine';
  const shown = fields.filter(({ table }) => table);
  return [...shown.filter((field) => !isLast(field)), ...shown.filter(isLast)];
}

export function naturalWidth<Row>(field: Field<Row>, rows: readonly Row[]): number {
  let width = Math.max(displayWidth(field.label), steadyWidths[field.kind] ?? 0);
  for (const row of rows) width = Math.max(width, displayWidth(cellText(cellOf(row, field), field.kind)));
  return width;
}

export function totalWidth<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, column) => sum + column.width + gap, -gap);
}

function slackOf<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, column) => sum + slack(column), 0);
}

function slack<Row>({ field, width }: Column<Row>): number {
  return isNumber(field.kind) || whole.includes(field.name) ? 0 : Math.max(0, width - narrowestText);
}

// Shortens the widest text first, so that short ones stay whole.
function shrinkTexts<Row>(columns: Column<Row>[], excess: number): Column<Row>[] {
  const shrunk = columns.map((column) => ({ ...column }));
  for (let left = excess; left > 0; left -= 1) {
    const widest = shrunk.reduce((best, column) => (slack(column) > slack(best) ? column : best));
    if (slack(widest) === 0) break;
    widest.width -= 1;
  }
  return shrunk;
}
