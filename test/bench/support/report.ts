import Table from 'cli-table3';

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
