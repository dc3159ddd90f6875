import { parse, CsvError, type InfoRecord } from 'csv-parse/sync';
import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { byPath } from './by-path.js';
import type { ExecutablePaths } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import { quote } from './quote.js';
import { formatRate, parseRate } from './rate.js';
import type { PolicyRule } from './records.js';

/** The columns of a CSV policy file. In lower case they are the fields of a JSON one. */
const columns = ['Path', 'Upload', 'Download', 'Shared'] as const;
/** The columns that a CSV file has to have. */
const required = columns.slice(0, 3);
type Field = 'path' | 'upload' | 'download' | 'shared';

const truths = new Map(
  Object.entries({ true: true, yes: true, 1: true, false: false, no: false, 0: false, '': false }),
);

/** An error shows at most this many characters of a text. */
const shown = 80;

/** A policy file may have this many bytes: more than the rules there is room for. */
const mostBytes = 16 * 1024 * 1024;

/** Reads the rules of a policy file. Throws as parsePolicy does, and FAILED for a file that can't be read. */
export function readPolicy(file: string, paths: ExecutablePaths): PolicyRule[] {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new Error('it is not a file');
    if (status.size > mostBytes) throw new Error(`it has ${status.size} bytes, and the limit is ${mostBytes}`);
    return parsePolicy(readText(file), basename(file), paths);
  } catch (error) {
    if (error instanceof NetFlowError) throw error;
    throw new NetFlowError('FAILED', `${file} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Returns why the file system refused something, in words: no code, and no name that the user hasn't given. */
export function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/^E[A-Z0-9]+: ([^,]+),.*$/su, '$1');
}

/** Refuses what isn't UTF-8: a replaced byte would name another path than the one that was meant. */
function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new NetFlowError('INVALID_ARGUMENT', `${basename(file)}: expected UTF-8. Nothing has changed.`);
  }
}

/**
 * Returns the rules of a policy file, CSV or JSON by the name's extension, sorted by path. Throws INVALID_ARGUMENT with
 * the place of the first error.
 */
export function parsePolicy(text: string, name: string, paths: ExecutablePaths): PolicyRule[] {
  const content = text.replace(/^\ufeff/u, '');
  const rows = formatOf(name) === 'csv' ? csvRows(content, name) : jsonRows(content, name);
  const places = new Map<string, string>();
  const rules = rows.map(({ place, columnPlace, values }) => {
    const rule = toRule(values, columnPlace, paths);
    const key = paths.key(rule.path);
    const earlier = places.get(key);
    if (earlier !== undefined) throw invalid(place, `${quote(rule.path, shown)} has a rule already, ${earlier}`);
    places.set(key, place);
    return rule;
  });
  return rules.toSorted(byPath);
}

/** Returns the text of a policy file, from which parsePolicy reads exactly these rules. */
export function formatPolicy(rules: readonly PolicyRule[], name: string): string {
  const sorted = rules.toSorted(byPath).map(({ path, upload, download, shared }) => ({
    path,
    upload: formatRate(upload),
    download: formatRate(download),
    shared,
  }));
  if (formatOf(name) === 'json') return `${JSON.stringify({ rules: sorted }, null, 2)}\n`;
  const lines = sorted.map(({ path, upload, download, shared }) => [csvCell(path), upload, download, shared].join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}

interface Row {
  /** The place of the rule's beginning: `rules.csv, line 3`. */
  place: string;
  columnPlace: (field: Field) => string;
  values: Partial<Record<Field, unknown>>;
}

function formatOf(name: string): 'csv' | 'json' {
  const extension = extname(name).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.json') return 'json';
  throw new NetFlowError(
    'INVALID_ARGUMENT',
    `Can't tell the format of ${quote(name, shown)}: the name of a policy file must end with .csv or .json.`,
  );
}

function csvRows(text: string, name: string): Row[] {
  const [header, ...lines] = parseCsv(text, name);
  const names = withoutEmptyEnd(header?.record ?? []).map((column) => column.trim().toLowerCase());
  checkColumns(names, `${name}, line ${header?.line ?? 1}`);
  return lines.map(({ record, line: at }) => {
    const place = `${name}, line ${at}`;
    const used = record.length > names.length ? withoutEmptyEnd(record).length : record.length;
    if (used > names.length || record.length < names.length) {
      throw invalid(place, `it has ${used} columns, and the first line has ${names.length}`);
    }
    return {
      place,
      columnPlace: (field) =>
        `${place}, column ${names.indexOf(field) + 1} (${columns[fieldNames.indexOf(field)] ?? field})`,
      values: Object.fromEntries(names.map((field, index) => [field, record[index] ?? ''])),
    };
  });
}

function checkColumns(names: readonly string[], place: string): void {
  for (const column of columns) {
    const count = names.filter((each) => each === column.toLowerCase()).length;
    if (count === 0 && required.includes(column)) {
      throw invalid(place, `there is no column ${column}: the first line is ${columns.join(',')}`);
    }
    if (count > 1) throw invalid(place, `there are two columns ${column}`);
  }
  const unknown = names.find((each) => !columns.some((column) => column.toLowerCase() === each));
  if (unknown !== undefined) throw invalid(place, `unknown column ${quote(unknown, shown)}`);
}

/** Leaves out the empty cells that a spreadsheet writes beyond what is in use. */
function withoutEmptyEnd(record: readonly string[]): string[] {
  return record.slice(0, record.findLastIndex((cell) => cell !== '') + 1);
}

const fieldNames: readonly Field[] = ['path', 'upload', 'download', 'shared'];

/** What a spreadsheet (`sep=`) and PowerShell 5.1 (`#TYPE`) write before the header. */
const preamble = /^(?:[\r\n]|sep=[^\r\n](?=[\r\n])|#TYPE [^\r\n]*)+/iu;

/**
 * Returns the records, each with the line that it begins in, but those of empty cells. What separates the cells is what
 * the preamble says, or else the header: a spreadsheet writes semicolons where numbers have commas.
 */
function parseCsv(whole: string, name: string): { record: string[]; line: number }[] {
  const [before = ''] = preamble.exec(whole) ?? [];
  const separator = /^sep=(.)/imu.exec(before)?.[1];
  const text = before.replaceAll(/[^\r\n]/gu, '') + whole.slice(before.length); // the lines keep their numbers
  const [header = ''] = /^[^\r\n]+/mu.exec(text) ?? [];
  try {
    const parsed = parse(text, {
      delimiter: separator ?? (/^[^,]*;/u.test(header) ? ';' : ','),
      record_delimiter: ['\r\n', '\n', '\r'],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as {
      record: string[];
      info: InfoRecord;
    }[];
    const bytes = Buffer.from(text);
    return parsed
      .map(({ record }, index) => ({ record, line: lineAfter(bytes, parsed[index - 1]?.info.bytes ?? 0) }))
      .filter(({ record }) => record.some((cell) => cell !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalid(name, error.message.replace(/^Invalid [^:]*: /u, '').replace(/\.$/u, ''), error);
  }
}

/** Returns the line of the first text from this place on. */
function lineAfter(bytes: Buffer, place: number): number {
  const before = bytes.toString('utf8', 0, place);
  const skipped = /^[\r\n]*/u.exec(bytes.toString('utf8', place))?.[0] ?? '';
  return `${before}${skipped}`.split('\n').length;
}

function jsonRows(text: string, name: string): Row[] {
  const content = parseJson(text, name);
  const rules = isObject(content) ? content['rules'] : undefined;
  if (!isObject(content) || !Array.isArray(rules)) throw invalid(name, 'expected {"rules": […]}');
  const other = Object.keys(content).find((key) => key !== 'rules');
  if (other !== undefined) throw invalid(name, `unknown field ${quote(other, shown)}`);
  return rules.map((values: unknown, index) => {
    const place = `${name}, rules[${index}]`;
    if (!isObject(values)) throw invalid(place, 'expected an object');
    const unknown = Object.keys(values).find((key) => !(fieldNames as readonly string[]).includes(key));
    if (unknown !== undefined) throw invalid(place, `unknown field ${quote(unknown, shown)}`);
    return { place, columnPlace: (field) => `${place}.${field}`, values };
  });
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(name, (error as Error).message, error);
  }
}

function toRule(values: Row['values'], placeOf: Row['columnPlace'], paths: ExecutablePaths): PolicyRule {
  const at = <Value>(field: Field, read: () => Value): Value => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NetFlowError)) throw error;
      throw invalid(placeOf(field), error.message.replace(/\.$/u, ''), error);
    }
  };
  return {
    path: at('path', () => paths.check(textOf(values.path))),
    upload: at('upload', () => limitOf(values.upload)),
    download: at('download', () => limitOf(values.download)),
    shared: at('shared', () => truthOf(values.shared)),
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new NetFlowError(
    'INVALID_ARGUMENT',
    `expected a path, not ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
  );
}

function limitOf(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' || typeof value === 'number') return parseRate(value);
  throw new NetFlowError('INVALID_ARGUMENT', `expected a rate, not ${JSON.stringify(value)}`);
}

function truthOf(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  const truth = truths.get(JSON.stringify(value).replaceAll('"', '').trim().toLowerCase());
  if (truth !== undefined) return truth;
  throw new NetFlowError('INVALID_ARGUMENT', `expected true or false, not ${JSON.stringify(value)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function csvCell(text: string): string {
  return /[",\n\r]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function invalid(place: string, what: string, cause?: unknown): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `${place}: ${what}. Nothing has changed.`, { cause });
}
