import { fstatSync } from 'node:fs';
import type { Field } from '../../core/index.js';
import { csvTable, hasFormulas, type CsvReader } from './csv.js';
import { jsonArray } from './json.js';
import { speaksUtf8, terminalSize } from './terminal.js';
import { toAscii } from './text.js';
import { writeLines } from './write.js';

/** The format of rows: a table if neither is set. */
export interface Format {
  json?: boolean | undefined;
  csv?: boolean | undefined;
  spreadsheet?: boolean | undefined;
}

/** Returns who reads the CSV of standard output. */
export function csvReader({ spreadsheet }: Format): CsvReader {
  if (spreadsheet) return 'spreadsheet';
  return process.stdout.isTTY ? 'terminal' : 'program';
}

/** Writes rows to standard output in the format; `none` says in a table's place that there are none. */
export async function writeRows<Row extends object>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  format: Format,
  none: string,
): Promise<void> {
  if (format.json) await writeLines(jsonArray(rows, fields));
  else if (format.csv) await writeCsv(rows, fields, csvReader(format));
  else await writeTable(rows, fields, none);
}

/** Writes a table to standard output. A person, unlike a program, is told why it has only a heading. */
export async function writeTable<Row>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  none: string,
): Promise<void> {
  await writeLines(await tableForOutput(rows, fields));
  if (rows.length === 0 && process.stdout.isTTY) process.stderr.write(`netflow: ${none}\n`);
}

async function writeCsv<Row>(rows: readonly Row[], fields: readonly Field<Row>[], reader: CsvReader): Promise<void> {
  await writeLines(csvTable(rows, fields, reader));
  if (!writesToFile() || !hasFormulas(rows, fields, reader)) return;
  process.stderr.write(
    'netflow: The file has texts that a spreadsheet takes for formulas: --spreadsheet marks them.\n',
  );
}

function writesToFile(): boolean {
  try {
    return fstatSync(process.stdout.fd).isFile();
  } catch {
    return false; // it is closed, or is something of Windows' that has no state
  }
}

/** Returns a table for standard output: coloured and fitted if that is a terminal. */
export async function tableForOutput<Row>(rows: readonly Row[], fields: readonly Field<Row>[]): Promise<string[]> {
  const [{ tableLines }, { coloursFor }] = await Promise.all([import('./table.js'), import('./colour.js')]);
  const { isTTY } = process.stdout;
  const lines = tableLines(rows, fields, {
    colours: coloursFor(process.stdout),
    width: isTTY ? terminalSize().width : Infinity,
  });
  return isTTY && !speaksUtf8() ? lines.map(toAscii) : lines;
}
