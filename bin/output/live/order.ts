import { compareTraffic, processFields, type ProcessTraffic } from '../../../core/index.js';
import type { LiveRow } from './row.js';

/** An order of the rows. */
export interface Order {
  /** The columns that it goes by, whose headings say so. */
  fields: readonly (keyof LiveRow)[];
  /** Whether the largest is on top. */
  descending: boolean;
  compare: (a: LiveRow, b: LiveRow) => number;
}

const bySpeed: Order = {
  fields: ['uploadSpeed', 'downloadSpeed'],
  descending: true,
  compare: (a, b) => speedOf(b) - speedOf(a) || b.averageSpeed - a.averageSpeed || compareTraffic()(a, b),
};

const byAverage: Order = {
  fields: ['averageSpeed'],
  descending: true,
  compare: (a, b) => b.averageSpeed - a.averageSpeed || bySpeed.compare(a, b),
};

/** The orders, by the key that chooses them. */
export const orders: Readonly<Record<string, Order>> = {
  s: bySpeed,
  a: byAverage,
  u: byField('uploadSpeed'),
  d: byField('downloadSpeed'),
  U: byField('uploadBytes'),
  D: byField('downloadBytes'),
  n: byField('processName'),
  p: byField('processId'),
};

/** Returns the order by a field that was asked for, or else by speed. */
export function orderBy(field: keyof ProcessTraffic | undefined): Order {
  return field === undefined ? bySpeed : byField(field);
}

export function reversed({ fields, descending, compare }: Order): Order {
  return { fields, descending: !descending, compare: (a, b) => compare(b, a) };
}

function byField(field: keyof ProcessTraffic): Order {
  const { kind } = processFields.find(({ name }) => name === field) ?? { kind: 'count' };
  return {
    fields: [field],
    descending: !['text', 'path', 'id'].includes(kind),
    compare: compareTraffic(field),
  };
}

function speedOf({ uploadSpeed, downloadSpeed }: ProcessTraffic): number {
  return uploadSpeed + downloadSpeed;
}
