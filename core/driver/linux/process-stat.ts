import { readFileSync } from 'node:fs';

/** What /proc/PID/stat says of a process. */
export interface ProcessStat {
  /** PF_ flags of the kernel. */
  flags: number;
  /** When it started, in hundredths of a second since boot: tells it from a later one with the same id. */
  startTicks: bigint;
}

/** Null where there is no such process. */
export function readProcessStat(processId: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'latin1');
    // The name in brackets may have spaces and brackets in it; what follows begins with the third field.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { flags: Number(fields[9 - 3]), startTicks: BigInt(fields[22 - 3] ?? 0) };
  } catch {
    return null;
  }
}
