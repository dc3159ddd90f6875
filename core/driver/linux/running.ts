import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { RunningProcesses } from '../driver.js';

/** A process goes by its executable's file name, and by the one that ps shows: a script's, or what it calls itself. */
export const linuxRunning: RunningProcesses = {
  ids: () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number),
  namesOf: (processId) => [
    ...nameFrom(() => readFileSync(`/proc/${processId}/comm`, 'utf8').replace(/\n$/u, '')),
    ...nameFrom(() => basename(readlinkSync(`/proc/${processId}/exe`).replace(/ \(deleted\)$/u, ''))),
  ],
};

/** Nothing where it has exited, or is the kernel's and so has no executable. */
function nameFrom(read: () => string): string[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}
