import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { isNumber, type Field } from '../../core/index.js';
import { cellOf } from './cell.js';
import { cellText, fitColumns, gap, type Column } from './columns.js';
import { truncate, truncateMiddle } from './text.js';

/** The look of a table. */
export interface TableStyle {
  colours: ChalkInstance;
  /** The terminal's columns; Infinity if there is none. */
  width: number;
  /** What stands for a figure that is 0, instead of `0 B/s`. */
  zero?: string;
}

// cli-table3's time grows with the square of the rows, so it gets a long table in parts.
const partRows = 100;

/** Formats a table for people, a line for each row, none wider than the terminal. */
export function tableLines<Row>(rows: readonly Row[], fields: readonly Field<Row>[], style: TableStyle): string[] {
  return columnLines(rows, fitColumns(fields, rows, style.width), style);
}

/** Formats a table whose columns have been chosen. */
export function columnLines<Row>(rows: readonly Row[], columns: readonly Column<Row>[], style: TableStyle): string[] {
  const head = columns.map(({ field, width }) => style.colours.bold(truncate(field.label, width)));
  const lines = layOut([], columns, head);
  for (let start = 0; start < rows.length; start += partRows) {
    const part = rows.slice(start, start + partRows);
    for (const line of layOut(part, columns, [], style.zero)) lines.push(line);
  }
  return lines;
}

function layOut<Row>(rows: readonly Row[], columns: readonly Column<Row>[], head: string[], zero?: string): string[] {
  const table = new Table({
    head,
    colWidths: columns.map(({ width }) => width),
    colAligns: columns.map(({ field }) => (isNumber(field.kind) ? 'right' : 'left')),
    chars: borderless,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(columns.map((column) => cell(row, column, zero)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

// prettier-ignore
const borderless = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '',
  middle: ' '.repeat(gap),
};

function cell<Row>(row: Row, { field, width }: Column<Row>, zero: string | undefined): string {
  const value = cellOf(row, field);
  if (zero !== undefined && value === 0) return zero;
  return (field.kind === 'path' ? truncateMiddle : truncate)(cellText(value, field.kind), width);
}
