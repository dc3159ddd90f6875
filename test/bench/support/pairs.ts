import { sleep } from '../../support/commands.js';
import { driversLoaded, isRunning, setDriver } from './driver.js';
import { compare, type Comparison } from './numbers.js';
import { say } from './progress.js';

export interface PairedResult {
  /** One for each figure that a measurement gives: undriven first, driven second. */
  comparisons: Comparison[];
  /** How many measurements may have been disturbed by a driver that is not ours. */
  disturbed: number;
}

/** How often one is waited for that loads drivers of its own, and how long each time. */
const patience = { times: 10, milliseconds: 500 };

/**
 * Measures without and with the driver, or another change, in turns. Which of the two comes first changes from pair to pair, so that a
 * machine that grows slower or quicker meanwhile favours neither.
 */
export async function inPairs(
  what: string,
  pairs: number,
  measure: () => Promise<readonly number[]>,
  change: (changed: boolean) => void = setDriver,
): Promise<PairedResult> {
  const figures = { undriven: [] as (readonly number[])[], driven: [] as (readonly number[])[] };
  let disturbed = 0;

  for (let pair = 0; pair < pairs; pair++) {
    say(`${what}: pair ${pair + 1} of ${pairs}`);
    for (const driven of pair % 2 === 0 ? [false, true] : [true, false]) {
      change(driven);
      const running = isRunning();
      const quiet = await isAlone(running);
      figures[driven ? 'driven' : 'undriven'].push(await measure());
      if (isRunning() !== running) throw new Error('somebody else started or stopped the driver meanwhile');
      if (!quiet || driversLoaded() !== Number(running)) disturbed++;
    }
  }
  const count = figures.undriven[0]?.length ?? 0;
  const comparisons = Array.from({ length: count }, (_, index) =>
    compare(column(figures.undriven, index), column(figures.driven, index)),
  );
  return { comparisons, disturbed };
}

/** True when no driver but ours is loaded; waits a while for that. */
async function isAlone(driven: boolean): Promise<boolean> {
  for (let time = 0; time < patience.times; time++) {
    if (driversLoaded() === Number(driven)) return true;
    await sleep(patience.milliseconds);
  }
  return false;
}

function column(rows: readonly (readonly number[])[], index: number): number[] {
  return rows.map((row) => row[index] ?? NaN);
}
