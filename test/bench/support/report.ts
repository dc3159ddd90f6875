import Table from 'cli-table3';
import { cleanUp } from '../../support/cleanup.js';
import { sleep } from '../../support/commands.js';
import { enter } from './progress.js';

/** One table of the result, with what has to be known to read it. */
export interface Report {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  notes?: readonly string[];
}

const lines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** Prints a table on standard output. The first column is text, the others are numbers. */
export function print({ title, head, rows, notes = [] }: Report): void {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
    chars: lines,
  });
  table.push(...rows.map((row) => [...row]));
  process.stdout.write([title, table.toString(), ...notes, '', ''].join('\n'));
}

/** Prints what the chosen parts of a benchmark report, one after the other. */
export async function printParts(
  parts: Record<string, () => AsyncIterable<Report> | Promise<readonly Report[]>>,
  only: readonly string[] = Object.keys(parts),
): Promise<void> {
  const unknown = only.find((name) => !(name in parts));
  if (unknown !== undefined) throw new Error(`no part is called ${unknown}; they are ${Object.keys(parts).join(', ')}`);
  for (const [index, name] of only.entries()) {
    enter(`[${index + 1}/${only.length}]`);
    for await (const report of (await parts[name]?.()) ?? []) print(report);
  }
}

/** What fails is one line, and all is put back as it was. */
export async function runBenchmark(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    await sleep(20); // after Ctrl+C what was run has failed, and the signal is about to end this program
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    cleanUp();
  }
}
