import { readFileSync } from 'node:fs';
import { NetFlowError } from './errors.js';

const greatest = 0xffff_ffff;

/** Throws INVALID_ARGUMENT for a number that can't be a process id. */
export function checkProcessId(processId: number): void {
  if (Number.isInteger(processId) && processId > 0 && processId <= greatest) return;
  throw new NetFlowError(
    'INVALID_ARGUMENT',
    `Invalid process id ${processId}: expected an integer from 1 to ${greatest}.`,
  );
}

/** The process whose thread has this id, as `top -H` shows it; null for the id of a process, and on Windows. */
export function processOfThread(id: number): number | null {
  try {
    const process = Number(/^Tgid:\t(\d+)$/mu.exec(readFileSync(`/proc/${id}/status`, 'latin1'))?.[1]);
    return process > 0 && process !== id ? process : null;
  } catch {
    return null;
  }
}
