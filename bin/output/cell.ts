import type { Field } from '../../core/index.js';

/** What a field of a record can hold. */
export type Cell = string | number | boolean | null;

/** A record's value of a field. */
export function cellOf<Row>(row: Row, field: Pick<Field<Row>, 'name'>): Cell {
  return row[field.name] as Cell;
}
