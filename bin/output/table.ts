import type { ChalkInstance } from 'chalk';
import { isNumber, type Field } from '../../core/index.js';
import { cellOf } from './cell.js';
import { cellText, fitColumns, gap, type Column } from './columns.js';
import { displayWidth, truncate, truncateMiddle } from './text.js';

/** The look of a table. */
export interface TableStyle {
  colours: ChalkInstance;
  /** The terminal's columns; Infinity if there is none. */
  width: number;
  /** What stands for a figure that is 0, instead of `0 B/s`. */
  zero?: string;
}

/** Formats a table for people, a line for each row, none wider than the terminal. */
export function tableLines<Row>(rows: readonly Row[], fields: readonly Field<Row>[], style: TableStyle): string[] {
  return columnLines(rows, fitColumns(fields, rows, style.width), style);
}

/** Formats a table whose columns have been chosen. */
export function columnLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { colours, zero }: TableStyle,
): string[] {
  const head = columns.map((column) => colours.bold(truncate(column.field.label, column.width)));
  return [
    line(head, columns),
    ...rows.map((row) =>
      line(
        columns.map((column) => cell(row, column, zero)),
        columns,
      ),
    ),
  ];
}

function line<Row>(cells: readonly string[], columns: readonly Column<Row>[]): string {
  const padded = columns.map(({ field, width }, index) => {
    const text = cells[index] ?? '';
    const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
    return isNumber(field.kind) ? space + text : text + space;
  });
  return padded.join(' '.repeat(gap)).trimEnd();
}

function cell<Row>(row: Row, { field, width }: Column<Row>, zero: string | undefined): string {
  const value = cellOf(row, field);
  if (zero !== undefined && value === 0) return zero;
  return (field.kind === 'path' ? truncateMiddle : truncate)(cellText(value, field.kind), width);
}
