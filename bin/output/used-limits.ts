import type { Field, ProcessTraffic } from '../../core/index.js';

/** Returns the fields for a table, which has a column for a limit only if a row has that limit. */
export function withUsedLimits(
  fields: readonly Field<ProcessTraffic>[],
  rows: readonly ProcessTraffic[],
): Field<ProcessTraffic>[] {
  return fields.map((field) =>
    field.kind === 'limit' ? { ...field, table: rows.some((row) => row[field.name] !== null) } : field,
  );
}
