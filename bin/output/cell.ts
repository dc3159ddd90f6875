import type { Field } from '../../core/index.js';

/** The value of a field of a record. */
export type Cell = string | number | boolean | null;

/** Returns a record's value of a field. */
export function cellOf<Row>(row: Row, field: Pick<Field<Row>, 'name'>): Cell {
  return row[field.name] as Cell;
}
