import type { ProcessTraffic, TrafficSnapshot } from '../../../core/index.js';
import { processKey, type LiveRow } from './row.js';

interface Sample {
  time: number;
  bytes: ReadonlyMap<string, number>;
}

// A reading is a little early or late, and a second that is nearly over counts.
const almostSecond = 950;

/** Averages speeds over some seconds, since one second says little about what comes in bursts. */
export class Averages {
  readonly #window: number;
  #samples: Sample[] = [];

  constructor(seconds: number) {
    this.#window = seconds * 1000;
  }

  /** Returns the processes of the next reading with their averages: over the time since the first, if that is less. */
  add({ time, processes }: TrafficSnapshot): LiveRow[] {
    const now = { time: Date.parse(time), bytes: new Map(processes.map((row) => [processKey(row), bytesOf(row)])) };
    const base = this.#baseOf(now);
    return processes.map((row) => ({ ...row, averageSpeed: averageOf(row, now, base) }));
  }

  /** Returns the reading that is as old as the average is long, and keeps this one for later. */
  #baseOf(now: Sample): Sample | undefined {
    const samples = this.#samples;
    if (now.time < (samples.at(-1)?.time ?? 0)) samples.length = 0; // the clock was set back
    while (now.time - (samples[1]?.time ?? now.time) >= this.#window - 1000 + almostSecond) samples.shift();
    if (now.time - (samples.at(-1)?.time ?? 0) >= almostSecond) samples.push(now);
    return samples[0];
  }
}

/** A process that wasn't there had no bytes; one that has fewer now has begun anew. */
function averageOf(row: ProcessTraffic, now: Sample, base: Sample | undefined): number {
  const duration = now.time - (base?.time ?? now.time);
  const bytes = bytesOf(row) - (base?.bytes.get(processKey(row)) ?? 0);
  if (duration < almostSecond || bytes < 0) return row.uploadSpeed + row.downloadSpeed;
  return Math.round((bytes * 1000) / duration);
}

function bytesOf({ uploadBytes, downloadBytes }: ProcessTraffic): number {
  return uploadBytes + downloadBytes;
}
