import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { readCommandLine } from '../../words.js';
import type { RunningProcesses } from '../driver.js';

/**
 * The outermost unit of a process's cgroup: below it the unit does as it likes. systemd puts a `_` in front of a name
 * that would be taken for a file of the cgroup's.
 */
const unit = /^0::.*?\/_?([^/\n]+\.(?:service|scope))(?=\/|$)/mu;

/** A process goes by its executable's file name, and by the one that ps shows: a script's, or what it calls itself. */
export const linuxRunning: RunningProcesses = {
  ids: () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number),
  namesOf: (processId) =>
    [
      attempt(() => readFileSync(`/proc/${processId}/comm`, 'utf8').replace(/\n$/u, '')),
      attempt(() => basename(readlinkSync(`/proc/${processId}/exe`).replace(/ \(deleted\)$/u, ''))),
    ].filter((name) => name !== null),
  describe: (processId) => ({
    commandLine: attempt(() => readCommandLine(readFileSync(`/proc/${processId}/cmdline`, 'utf8'))),
    service: attempt(() => unit.exec(readFileSync(`/proc/${processId}/cgroup`, 'utf8'))?.[1] ?? null),
  }),
};

/** Null where it has exited, or is the kernel's and so has no executable. */
function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
