import { wrap } from './output/text.js';

/** What stands for an option's value in the help and the manual. */
export const valueNames: Readonly<Record<string, string>> = {
  ...{ pid: 'N', name: 'GLOB', sort: 'FIELD', top: 'N', interval: 'S', count: 'N', path: 'FILE' },
  ...{ remote: 'ADDRESS', port: 'N', state: 'S', protocol: 'P', upload: 'RATE', download: 'RATE' },
  'max-processes': 'N',
};

const columns = 80;

// A longer entry has its description below.
const longestEntry = 34;

interface Entry {
  indent: string;
  term: string;
  text: string;
}

/** Lays out the help that yargs has put together without wrapping it: names values, and fits 80 columns. */
export function layOutHelp(help: string): string {
  const sections = help.split('\n\n').map((section) => section.split('\n').map(entryOf));
  return sections.map((lines) => layOut(lines).join('\n')).join('\n\n');
}

/** Returns a line's two columns; a text for a heading. */
function entryOf(line: string): Entry | string {
  const [, indent, term, text = ''] = /^( +)(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
  return indent === undefined || term === undefined ? line : { indent, term: withValueName(term), text };
}

function withValueName(term: string): string {
  const name = /--([a-z-]+)$/.exec(term)?.[1] ?? '';
  const value = valueNames[name];
  return value === undefined ? term : `${term} ${value}`;
}

function layOut(lines: readonly (Entry | string)[]): string[] {
  const starts = lines.flatMap((line) => (typeof line === 'string' ? [] : [startOf(line).length]));
  const start = Math.max(4, ...starts.filter((length) => length <= longestEntry)) + 2;
  return lines.flatMap((line) => (typeof line === 'string' ? wrap(line, columns) : layOutEntry(line, start)));
}

function layOutEntry(entry: Entry, start: number): string[] {
  const term = startOf(entry);
  if (entry.text === '') return [term];
  const lines = wrap(entry.text, columns - start).map((line) => ' '.repeat(start) + line);
  return term.length + 2 > start ? [term, ...lines] : [term + (lines[0] ?? '').slice(term.length), ...lines.slice(1)];
}

function startOf({ indent, term }: Entry): string {
  return indent + term;
}
