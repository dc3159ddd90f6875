import { NetFlowError } from './errors.js';
import { processFields, type Field } from './fields.js';
import { noSuchProcess } from './process-errors.js';
import { checkProcessId, processOfThread } from './process-id.js';
import { quote } from './quote.js';
import type { ProcessTraffic } from './records.js';

/** Selects by process; an empty choice selects all. */
export interface ProcessChoice {
  /** Process ids. An id without a process is an error with the code NOT_FOUND. */
  pids?: readonly number[];
  /** Called with each id without a process, instead of the error. */
  onMissing?: (pid: number) => void;
  /** Globs (`*`, `?`), case-insensitive, on a process's name and on the one that ps shows. */
  names?: readonly string[];
  /** Called with each glob that fits no process, neither one with sockets or traffic nor another that runs. */
  onMissingName?: (name: string) => void;
  /** Selects what the ids or the names match, and not only what both do. */
  either?: boolean;
}

/** Selects processes, and orders them. */
export interface ProcessFilter extends ProcessChoice {
  /** Sorts by this field, in the order of compareTraffic; by all bytes if absent. */
  sort?: keyof ProcessTraffic;
  /** Selects only the first of them: this many, 1 or more. */
  top?: number;
  /** Selects processes that have exited as well. */
  exited?: boolean;
  /** Leaves out the command lines and services of those that run, for each of which the system has to be asked. */
  brief?: boolean;
}

export interface WatchOptions extends ProcessFilter {
  /** Seconds between two snapshots, 0.1 to 86,400; 1 if absent. */
  interval?: number;
  /** Ends after this many snapshots; never if absent. */
  count?: number;
  signal?: AbortSignal;
}

/** Throws INVALID_ARGUMENT for ids, a field or a number that can't be meant. */
export function checkFilter<Row>(
  { pids = [], sort, top }: ProcessChoice & { sort?: keyof Row; top?: number },
  fields: readonly Field<Row>[],
): void {
  for (const pid of pids) checkProcessId(pid);
  if (top !== undefined && (!Number.isInteger(top) || top < 1)) {
    throw new NetFlowError('INVALID_ARGUMENT', `Invalid top ${top}: expected an integer of 1 or more.`);
  }
  const names: PropertyKey[] = fields.map(({ name }) => name);
  if (sort !== undefined && !names.includes(sort)) {
    throw new NetFlowError('INVALID_ARGUMENT', `Can't sort by ${String(sort)}: expected one of ${names.join(', ')}.`);
  }
}

/** Says what processes are called. */
export interface Naming<Row> {
  namesOf(row: Row): readonly string[];
  /** Whether a process runs that has such a name. */
  runs(isName: (name: string) => boolean): boolean;
}

/** Returns the rows that the filter selects. An id or a name is missing if it neither is in the rows nor runs. */
export function select<Row extends { processId: number }>(
  rows: Row[],
  { pids = [], names = [], either = false, onMissing = failMissing, onMissingName }: ProcessChoice,
  naming: Naming<Row>,
): Row[] {
  const found = new Set(rows.map(({ processId }) => processId));
  const wanted = new Set(pids);
  for (const pid of wanted) if (!found.has(pid) && !isAlive(pid)) onMissing(pid);
  const named = selectNamed(rows, names, naming, onMissingName);
  const byId = ({ processId }: Row): boolean => wanted.has(processId);
  const byName = (row: Row): boolean => named.has(row);
  const chosen = [...(wanted.size > 0 ? [byId] : []), ...(names.length > 0 ? [byName] : [])];
  if (chosen.length === 0) return rows;
  return rows.filter((row) => (either ? chosen.some((fits) => fits(row)) : chosen.every((fits) => fits(row))));
}

/** Returns the rows that have one of the names. */
function selectNamed<Row>(
  rows: readonly Row[],
  names: readonly string[],
  naming: Naming<Row>,
  onMissing: ProcessChoice['onMissingName'],
): Set<Row> {
  const selected = new Set<Row>();
  for (const name of names) {
    const fits = matcher(name);
    const named = rows.filter((row) => naming.namesOf(row).some(fits));
    for (const row of named) selected.add(row);
    if (onMissing && named.length === 0 && !naming.runs(fits)) onMissing(name);
  }
  return selected;
}

/** Returns a test of a name, with and without its ending. */
function matcher(glob: string): (name: string) => boolean {
  const pattern = toPattern(glob);
  return (name) => pattern.test(name) || pattern.test(withoutExtension(name));
}

/** Leaves out `.exe`, as Windows' own tools do. */
function withoutExtension(name: string): string {
  return name.replace(/\.exe$/iu, '');
}

function failMissing(pid: number): never {
  throw noSuchProcess(pid);
}

/** What is sorted has bytes and a process. */
interface Counted {
  uploadBytes: number;
  downloadBytes: number;
  processId: number;
}

/** Returns the order of processes, as `compareBy` has it. */
export function compareTraffic(sort?: keyof ProcessTraffic): (a: ProcessTraffic, b: ProcessTraffic) => number {
  return compareBy(processFields, sort);
}

/**
 * Returns the order of rows by a field, or by all bytes: the largest number and the latest time come first, but names,
 * paths and ids ascend. Ties are ordered by all bytes, and then by process id.
 */
export function compareBy<Row extends Counted>(
  fields: readonly Field<Row>[],
  sort?: keyof Row,
): (a: Row, b: Row) => number {
  const field = fields.find(({ name }) => name === sort);
  const compare = field ? byField(field) : byBytes;
  return (a, b) => compare(a, b) || byBytes(a, b) || a.processId - b.processId;
}

function byBytes(a: Counted, b: Counted): number {
  return b.uploadBytes + b.downloadBytes - (a.uploadBytes + a.downloadBytes);
}

function byField<Row>({ name, kind }: Field<Row>): (a: Row, b: Row) => number {
  if (kind === 'text' || kind === 'path') return (a, b) => compareText(String(a[name] ?? ''), String(b[name] ?? ''));
  if (kind === 'time') return (a, b) => compareText(String(b[name]), String(a[name]));
  if (kind === 'id') return (a, b) => Number(a[name]) - Number(b[name]);
  return (a, b) => Number(b[name] ?? -1) - Number(a[name] ?? -1);
}

function compareText(a: string, b: string): number {
  return a.localeCompare(b, 'en', { sensitivity: 'base' });
}

/** Matches whole names in any case, as PowerShell does: `*` any characters, `?` one of any, `[a-z]` one of these. */
function toPattern(glob: string): RegExp {
  const source = glob.replace(/\[[^\]]+\]|[^]/gu, (part) => {
    if (part === '*') return '[^]*';
    if (part === '?') return '[^]';
    return part.length > 2 ? `[${part.slice(1, -1).replace(/[\\[\]&~^]/gu, '\\$&')}]` : escape(part);
  });
  try {
    return new RegExp(`^${source}$`, 'iu');
  } catch (error) {
    throw new NetFlowError(
      'INVALID_ARGUMENT',
      `Invalid pattern ${quote(glob)}: * and ? match any characters, [a-z] one of a range.`,
      { cause: error },
    );
  }
}

function escape(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

function isAlive(pid: number): boolean {
  if (process.platform === 'win32' && pid % 4 !== 0) return false; // Windows rounds such ids down to another process
  if (processOfThread(pid) !== null) return false; // kill accepts a thread's id as well
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
