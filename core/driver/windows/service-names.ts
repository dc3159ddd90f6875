import { readRunningServices } from './service.js';
import { Win32Error } from './win32-error.js';

/** Milliseconds for which the list is taken to be true: it is asked for once for each process. */
const freshness = 500;

let names = new Map<number, string>();
let readAt = Number.NEGATIVE_INFINITY;

/** Returns the services that a process runs, joined, as `tasklist /svc` has them; null where it runs none. */
export function serviceNameOf(processId: number): string | null {
  if (performance.now() - readAt > freshness) {
    names = readNames();
    readAt = performance.now();
  }
  return names.get(processId) ?? null;
}

/** Without a name where the service manager does not answer: traffic is there all the same. */
function readNames(): Map<number, string> {
  const found = new Map<number, string>();
  try {
    for (const { name, processId } of readRunningServices()) {
      const others = found.get(processId);
      found.set(processId, others === undefined ? name : `${others}, ${name}`);
    }
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
  }
  return found;
}
