import type { Field } from '../../core/index.js';
import { csvTable } from './csv.js';
import { jsonArray } from './json.js';
import { writeLines } from './write.js';

/** How rows are written: a table where neither is asked for. */
export interface Format {
  json?: boolean | undefined;
  csv?: boolean | undefined;
}

/** Writes rows to standard output as asked. */
export async function writeRows<Row extends object>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  format: Format,
): Promise<void> {
  if (format.json) await writeLines(jsonArray(rows, fields));
  else if (format.csv) await writeLines(csvTable(rows, fields, process.stdout.isTTY));
  else await writeLines(await tableForOutput(rows, fields));
}

/** A table as standard output takes it: coloured and fitted where that is a terminal. */
export async function tableForOutput<Row>(rows: readonly Row[], fields: readonly Field<Row>[]): Promise<string[]> {
  const [{ tableLines }, { coloursFor }] = await Promise.all([import('./table.js'), import('./colour.js')]);
  const width = process.stdout.isTTY ? process.stdout.columns : Infinity;
  return tableLines(rows, fields, { colours: coloursFor(process.stdout), width });
}
