import { setTimeout } from 'node:timers/promises';
import { NetFlowError } from '../../errors.js';
import type { ProgramName } from './layout.generated.js';
import { loadedPrograms } from './object-info.js';

/** Programs that no driver is without; the kernel knows those of all containers. */
const signs: readonly ProgramName[] = ['netflow_exec', 'netflow_exit', 'netflow_fork'];

/** The kernel frees what a driver leaves that was stopped or killed a moment later. */
const patienceMs = 2000;
const pauseMs = 20;

/**
 * True where a driver runs that this process can't see the pins of: it was started where /sys/fs/bpf is another one,
 * as in a container. The caller knows that none of its own runs.
 */
export async function isAnotherRunning(): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (areSignsThere()) {
    if (performance.now() > end) return true;
    await setTimeout(pauseMs);
  }
  return false;
}

/** Two drivers would take each other's queues for their own. */
export async function assertNoOther(): Promise<void> {
  if (!(await isAnotherRunning())) return;
  throw new NetFlowError(
    'DRIVER_UNAVAILABLE',
    'Another NetFlow driver runs on this machine, with a /sys/fs/bpf that is not the one here: use it, or stop it, where it was started, such as on the host or in another container.',
  );
}

function areSignsThere(): boolean {
  const loaded = new Set(loadedPrograms().map(({ name }) => name));
  return signs.every((name) => loaded.has(name));
}
