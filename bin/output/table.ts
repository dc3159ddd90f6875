import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { isNumber, type Field } from '../../core/index.js';
import { cellOf } from './cell.js';
import { cellText, fitColumns, gap, type Column } from './columns.js';
import { truncate } from './text.js';

/** The look of a table. */
export interface TableStyle {
  colours: ChalkInstance;
  /** The terminal's columns; Infinity if there is none. */
  width: number;
}

// cli-table3's time grows with the square of the rows, so it gets a long table in parts.
const partRows = 100;

/** Formats a table for people, a line for each row, none wider than the terminal. */
export function tableLines<Row>(rows: readonly Row[], fields: readonly Field<Row>[], style: TableStyle): string[] {
  const columns = fitColumns(fields, rows, style.width);
  const head = columns.map(({ field, width }) => style.colours.bold(truncate(field.label, width)));
  const lines = layOut([], columns, head);
  for (let start = 0; start < rows.length; start += partRows) {
    const part = rows.slice(start, start + partRows);
    for (const line of layOut(part, columns, [])) lines.push(line);
  }
  return lines;
}

function layOut<Row>(rows: readonly Row[], columns: readonly Column<Row>[], head: string[]): string[] {
  const table = new Table({
    head,
    colWidths: columns.map(({ width }) => width),
    colAligns: columns.map(({ field }) => (isNumber(field.kind) ? 'right' : 'left')),
    chars: borderless,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(columns.map((column) => cell(row, column)));
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

function cell<Row>(row: Row, { field, width }: Column<Row>): string {
  return truncate(cellText(cellOf(row, field), field.kind), width);
}
