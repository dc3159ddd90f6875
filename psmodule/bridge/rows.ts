import type { Field } from '../../core/index.js';
import type { Cell, Table } from './wire.js';

/** Returns records as rows, in the order of core/fields.ts. Records within a record are sent as another table. */
export function toTable<Item>(items: readonly Item[], fields: readonly Field<Item>[]): Table {
  const columns = fields.filter(({ kind }) => kind !== 'records');
  return items.map((item) => columns.map((field) => toCell(item[field.name] as Cell, field)));
}

function toCell(value: Cell, { kind }: { kind: string }): Cell {
  return kind === 'time' ? Date.parse(String(value)) : value;
}
