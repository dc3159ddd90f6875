import { propertyName, type Field } from '../../core/index.js';
import { cellOf, type Cell } from './cell.js';
import { printable } from './text.js';

/** Returns the header row: the fields' names in PascalCase, as PowerShell's properties have them. */
export function csvHeader(fields: readonly { name: string }[]): string {
  return fields.map(propertyName).join(',');
}

/** Formats a row, quoted as in RFC 4180. For a terminal, characters that could control it are replaced. */
export function csvLine<Row>(row: Row, fields: readonly Field<Row>[], forTerminal: boolean): string {
  return fields.map((field) => csvValue(cellOf(row, field), forTerminal)).join(',');
}

/** Yields the header and the rows. */
export function* csvTable<Row>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  forTerminal: boolean,
): Generator<string> {
  yield csvHeader(fields);
  for (const row of rows) yield csvLine(row, fields, forTerminal);
}

function csvValue(value: Cell, forTerminal: boolean): string {
  if (value === null) return '';
  const text = forTerminal ? printable(String(value)) : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
