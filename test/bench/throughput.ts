import { availableParallelism } from 'node:os';
import type { Extent } from './accounting.js';
import { pingPong } from './pingpong.js';
import { iperf } from './iperf.js';
import { atLeast, plain, ratioText, spreadText, type Comparison } from './support/numbers.js';
import { inPairs } from './support/pairs.js';
import type { Report } from './support/report.js';

interface Measurement {
  name: string;
  measure: () => Promise<readonly number[]>;
  /** What the numbers of a measurement are, in their order. */
  figures: readonly string[];
  /** What the ratio of each is to be. */
  aim: number;
}

/** What traffic loses by being counted. */
export async function reportThroughput({ pairs, seconds }: Extent): Promise<Report[]> {
  const rows: string[][] = [];
  let disturbed = 0;
  for (const { name, measure, figures, aim } of measurements(seconds)) {
    const result = await inPairs(name, pairs, measure);
    rows.push(...result.comparisons.map((comparison, index) => rowOf(`${name}: ${figures[index]}`, aim, comparison)));
    disturbed += result.disturbed;
  }
  const notes = [
    `Medians of ${pairs} pairs of ${seconds} s, taken in turns; the ratio is the median of the pairs' ratios.`,
    'Per CPU second is less disturbed by what else runs on the machine.',
  ];
  if (disturbed > 0) notes.push(`Another driver was loaded during ${disturbed} of the measurements.`);
  return [
    {
      title: 'Traffic over loopback, without and with the driver',
      head: ['', 'undriven', 'driven', 'ratio', 'aim', 'spread'],
      rows,
      notes,
    },
  ];
}

function measurements(seconds: number): Measurement[] {
  const streams = (count: number): Measurement => ({
    name: `iperf3, ${count === 1 ? '1 stream' : `${count} streams`}`,
    measure: () => iperf(count, seconds),
    figures: ['Gbit/s', 'Gbit per CPU second'],
    aim: 0.99,
  });
  const between = (where: string, ...cpus: [number, number]): Measurement => ({
    name: `64-byte ping-pong, ${where}`,
    measure: () => pingPong(seconds, ...cpus),
    figures: ['round trips/s', 'round trips per CPU second'],
    aim: 0.93,
  });
  const onTwo = availableParallelism() > 1 ? [between('two cores', 0, 1)] : [];
  return [streams(1), streams(8), between('one core', 0, 0), ...onTwo];
}

function rowOf(what: string, aim: number, comparison: Comparison): string[] {
  const { first, second, ratio } = comparison;
  return [what, plain(first), plain(second), ratioText(ratio), atLeast(aim, ratio), spreadText(comparison)];
}
