import { setTimeout } from 'node:timers/promises';
import { NetFlowError } from './errors.js';
import type { WatchOptions } from './filter.js';

/** A clock in milliseconds, which tests replace. */
export interface Clock {
  now(): number;
  /** Rejects early with an AbortError when the signal comes. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal ? { signal } : {}),
};

/** Yields at once and then every interval, on a grid that a slow consumer does not shift; ends by count or signal. */
export async function* ticks(
  { interval = 1, count = Infinity, signal }: WatchOptions,
  clock = systemClock,
): AsyncGenerator<void> {
  const period = interval * 1000;
  const started = clock.now();
  for (let ticked = 1; !signal?.aborted; ticked++) {
    yield;
    if (ticked >= count) return;
    const elapsed = clock.now() - started;
    const next = (Math.floor(elapsed / period) + 1) * period;
    await clock.sleep(next - elapsed, signal).catch(endQuietly);
  }
}

export function checkWatch({ interval, count }: WatchOptions): void {
  if (interval !== undefined && !(interval >= 0.1 && interval <= 86_400)) {
    throw new NetFlowError('INVALID_ARGUMENT', `Invalid interval ${interval}: expected seconds from 0.1 to 86400.`);
  }
  if (count !== undefined && (!Number.isInteger(count) || count < 1)) {
    throw new NetFlowError('INVALID_ARGUMENT', `Invalid count ${count}: expected an integer of 1 or more.`);
  }
}

function endQuietly(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}
