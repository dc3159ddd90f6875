import { wrap } from '../text.js';

interface KeyHelp {
  keys: readonly string[];
  does: string;
  /** What the last line of the screen says of it. */
  short?: string;
}

/** What keys do, the most important first: the last line of the screen has as many as fit. */
export const keyHelp: readonly KeyHelp[] = [
  { keys: ['q', 'Esc', 'Ctrl+C'], does: 'quit; Esc goes back first, or takes the filter away', short: 'q quit' },
  { keys: ['?'], does: 'show what keys do', short: '? help' },
  {
    keys: ['/'],
    does: 'show only processes with a text in their name, path, command line or user, or with this id',
    short: '/ filter',
  },
  {
    keys: ['Enter'],
    does: 'show the connections of the chosen process, or of the first one',
    short: 'Enter connections',
  },
  { keys: ['r'], does: 'reverse the order', short: 'r reverse' },
  { keys: ['c'], does: 'show command lines instead of names and paths', short: 'c command' },
  { keys: ['space'], does: 'pause and resume; the driver keeps counting', short: 'space pause' },
  { keys: ['s', 'a'], does: 'sort by speed, and by average speed, both directions together', short: 'saudUDnp sort' },
  { keys: ['u', 'd'], does: 'sort by upload speed, download speed' },
  { keys: ['U', 'D'], does: 'sort by uploaded bytes, downloaded bytes' },
  { keys: ['n', 'p'], does: 'sort by name, process id' },
  { keys: ['Up', 'Down'], does: 'choose a process' },
  { keys: ['PgUp', 'PgDn', 'Home', 'End'], does: 'scroll' },
];

/** Returns the last line: of what keys do, what fits. */
export function keysLine(width: number): string {
  let line = '';
  for (const { short } of keyHelp) {
    if (short === undefined) break;
    const longer = line === '' ? short : `${line}  ${short}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
}

/** Returns the lines of the help page. */
export function keyLines(width: number): string[] {
  const names = keyHelp.map(({ keys }) => keys.join(', '));
  const column = Math.max(...names.map(({ length }) => length)) + 2;
  const beside = width >= 2.5 * column;
  return keyHelp.flatMap(({ does }, index) => {
    const name = names[index] ?? '';
    const indent = beside ? column : 2;
    const [first = '', ...more] = wrap(does, width - indent).map((line) => ' '.repeat(indent) + line);
    return beside ? [name + first.slice(name.length), ...more] : [name, first, ...more];
  });
}
