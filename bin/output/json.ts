import type { Field } from '../../core/index.js';

/** Yields an array with an object on each line, which is quick for many rows, and still readable. */
export function* jsonArray<Row extends object>(rows: readonly Row[], fields: readonly Field<Row>[]): Generator<string> {
  if (rows.length === 0) {
    yield '[]';
    return;
  }
  const names = fields.map((field) => field.name);
  for (const [index, row] of rows.entries()) {
    const start = index === 0 ? '[' : ' ';
    yield `${start}${jsonLine(row, names)}${index === rows.length - 1 ? ']' : ','}`;
  }
}

/** Formats an object in one line, with exactly these fields in this order. */
export function jsonLine(row: object, names: readonly string[]): string {
  return escapeControls(JSON.stringify(row, names as string[]));
}

/** Formats an object over several lines. */
export function jsonObject(value: object): string {
  return escapeControls(JSON.stringify(value, null, 2));
}

// JSON allows these characters as they are, but a terminal would obey them.
function escapeControls(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
