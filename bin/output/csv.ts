import { propertyName, type Field } from '../../core/index.js';
import { cellOf, type Cell } from './cell.js';
import { printable } from './text.js';

/** Who reads CSV: characters that control a terminal are replaced for one, those of formulas for a spreadsheet. */
export type CsvReader = 'program' | 'terminal' | 'spreadsheet';

/** A spreadsheet takes a text that begins so for a formula, also behind a tab or a line break. */
const formula = /^[\t\r\n=+@-]/u;

/** Returns the header row: the fields' names in PascalCase, as PowerShell's properties have them. */
export function csvHeader(fields: readonly { name: string }[], reader: CsvReader): string {
  const mark = reader === 'spreadsheet' ? '\ufeff' : ''; // without it, UTF-8 is taken for a code page
  return mark + fields.map(propertyName).join(',');
}

/** Formats a row, quoted as in RFC 4180. */
export function csvLine<Row>(row: Row, fields: readonly Field<Row>[], reader: CsvReader): string {
  return fields.map((field) => csvValue(cellOf(row, field), reader)).join(',');
}

/** Yields the header and the rows. */
export function* csvTable<Row>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  reader: CsvReader,
): Generator<string> {
  yield csvHeader(fields, reader);
  for (const row of rows) yield csvLine(row, fields, reader);
}

/** Whether a spreadsheet would take a text of these rows for a formula, which nothing keeps it from. */
export function hasFormulas<Row>(rows: readonly Row[], fields: readonly Field<Row>[], reader: CsvReader): boolean {
  const isFormula = (value: Cell): boolean => typeof value === 'string' && formula.test(value);
  return reader === 'program' && rows.some((row) => fields.some((field) => isFormula(cellOf(row, field))));
}

function csvValue(value: Cell, reader: CsvReader): string {
  if (value === null) return '';
  const text = textFor(reader, String(value));
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textFor(reader: CsvReader, text: string): string {
  if (reader === 'terminal') return printable(text);
  return reader === 'spreadsheet' && formula.test(text) ? `'${text}` : text;
}
