import type { Field, ProcessTraffic } from '../../core/index.js';

/** The fields as a table has them: a limit has its column where one of the rows has that limit. */
export function withUsedLimits(
  fields: readonly Field<ProcessTraffic>[],
  rows: readonly ProcessTraffic[],
): Field<ProcessTraffic>[] {
  return fields.map((field) =>
    field.kind === 'limit' ? { ...field, table: rows.some((row) => row[field.name] !== null) } : field,
  );
}
