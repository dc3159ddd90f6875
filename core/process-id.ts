import { readFileSync } from 'node:fs';
import { NetFlowError } from './errors.js';

/** Throws INVALID_ARGUMENT for a number that no process has as its id. */
export function checkProcessId(processId: number): void {
  if (Number.isInteger(processId) && processId > 0 && processId <= 0xffff_ffff) return;
  throw new NetFlowError('INVALID_ARGUMENT', `${processId} is no process id: give a whole number from 1.`);
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
