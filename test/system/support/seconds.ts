/** The time at which the client had moved bytes, in microseconds, and how many each way. */
export type Event = [time: number, up: number, down: number];

/** One reading, which was made at some time from `from` to `to`, in microseconds. */
export interface Speeds {
  from: number;
  to: number;
  up: number;
  down: number;
}

const second = 1_000_000;
const step = 1000;
/** The kernel's tick may come a little late, and then bytes on a second's edge belong to the second before. */
const latest = 10;

/**
 * Finds where, in milliseconds after a whole second of the client's clock, the driver's seconds can end, so that every
 * reading is exactly what was moved in the last second that had ended by then. A driver may begin its seconds anywhere,
 * but all of them at the same place. Returns none where the readings are wrong.
 */
export function fittingEnds(events: readonly Event[], readings: readonly Speeds[]): number[] {
  const ends = Array.from({ length: second / step }, (_, index) => index);
  return ends.filter((end) => readings.every((reading) => fitsNear(events, reading, end)));
}

function fitsNear(events: readonly Event[], reading: Speeds, end: number): boolean {
  for (let delay = 0; delay <= latest; delay++) {
    if (endsBefore(reading, (end + delay) * step).some((time) => isSum(events, reading, time))) return true;
  }
  return false;
}

/** When the last whole second had ended, for each time at which the reading can have been made. */
function endsBefore({ from, to }: Speeds, phase: number): number[] {
  const first = Math.floor((from - phase) / second) * second + phase;
  const last = Math.floor((to - phase) / second) * second + phase;
  return Array.from({ length: (last - first) / second + 1 }, (_, index) => first + index * second);
}

function isSum(events: readonly Event[], { up, down }: Speeds, end: number): boolean {
  const inside = events.filter(([time]) => time > end - second && time <= end);
  return total(inside, 1) === up && total(inside, 2) === down;
}

function total(events: readonly Event[], column: 1 | 2): number {
  return events.reduce((bytes, event) => bytes + event[column], 0);
}
