import type { Extent } from './support/extent.js';
import { pingPong } from './pingpong.js';
import { duringTransfer, everyCores, everyTransfer, transferFigures } from './iperf.js';
import { comparisonRow } from './support/numbers.js';
import { inPairs, type PairedResult } from './support/pairs.js';
import type { Report } from './support/report.js';

interface Measurement {
  name: string;
  take: () => Promise<PairedResult>;
  /** What its comparisons are of, in their order. */
  figures: readonly string[];
  /** What the ratio of each is to be. */
  aim: number;
}

/** What traffic loses by being counted. */
export async function reportThroughput(extent: Extent): Promise<Report[]> {
  const { pairs, seconds } = extent;
  const rows: string[][] = [];
  let disturbed = 0;
  for (const { name, take, figures, aim } of measurements(extent)) {
    const result = await take();
    rows.push(...result.comparisons.map((each, index) => comparisonRow(`${name}: ${figures[index]}`, aim, each)));
    disturbed += result.disturbed;
  }
  const notes = [
    `Medians of ${pairs} pairs of ${seconds} s, taken in turns; the ratio is the median of the pairs' ratios.`,
    'Those of iperf3 are within one transfer. On one core all that is spent shows, and on two also whose turn it is.',
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

function measurements({ pairs, seconds }: Extent): Measurement[] {
  const transfers = everyTransfer.map(({ name, streams, cores }): Measurement => ({
    name,
    take: () => duringTransfer(streams, cores, ({ measure }) => inPairs(name, pairs, () => measure(seconds))),
    figures: transferFigures,
    aim: 0.99,
  }));
  const pingPongs = everyCores.map((cores): Measurement => {
    const name = `64-byte ping-pong, ${cores.name}`;
    return {
      name,
      take: () => inPairs(name, pairs, () => pingPong(seconds, ...cores.cpus)),
      figures: ['round trips/s', 'round trips per CPU second'],
      aim: 0.93,
    };
  });
  return [...transfers, ...pingPongs];
}
