import type { ProcessTraffic } from '../../../core/index.js';

/** A process of the live table. */
export interface LiveRow extends ProcessTraffic {
  /** Bytes per second over the last seconds, both directions together. */
  averageSpeed: number;
}

/** Returns what distinguishes a process from all others, also those that had its id before. */
export function processKey({ processId, startTime }: ProcessTraffic): string {
  return `${processId} ${startTime}`;
}

/** Returns the command line, or the path of a process whose command line isn't known. */
export function commandOf(row: ProcessTraffic): string {
  return row.commandLine || (row.path ?? row.processName);
}

/** Whether a process has a text in its name, path, command line or user, in any case, or for its id. */
export function hasText(row: ProcessTraffic, text: string): boolean {
  const wanted = text.toLowerCase();
  const texts = [row.processName, row.path ?? '', commandOf(row), row.user];
  return String(row.processId) === wanted || texts.some((each) => each.toLowerCase().includes(wanted));
}
