import { NetFlowError } from './errors.js';
import { processFields } from './fields.js';
import type { ProcessTraffic } from './records.js';

/** Which connections to return; all of them where empty. */
export interface ConnectionFilter {
  /** Process ids. One that has no process is an error with code NOT_FOUND. */
  pids?: readonly number[];
  /** Globs (`*`, `?`) on the process name, case-insensitive. */
  names?: readonly string[];
}

/** Which processes to return, and in what order. */
export interface ProcessFilter extends ConnectionFilter {
  /** Sorts by this field, largest first for numbers and times, A to Z for text. */
  sort?: keyof ProcessTraffic;
  /** Returns only the first so many, 1 or more. */
  top?: number;
  /** Returns processes that have ended as well. */
  exited?: boolean;
}

export interface WatchOptions extends ProcessFilter {
  /** Seconds between two snapshots, 0.1 to 86,400; 1 where not given. */
  interval?: number;
  /** Ends after so many snapshots; never where not given. */
  count?: number;
  signal?: AbortSignal;
}
