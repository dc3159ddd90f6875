import { decodeReply, decodeTasks } from '../../decode.js';
import type { Identity, ProcessRecord } from '../../driver.js';
import { isSameProcess, processIdOf } from '../../record-values.js';
import { readProcessStat } from '../process-stat.js';
import { readRecords } from '../readers.js';
import type { Member } from './classes.js';

/**
 * Those whose process is still there, by the identity that it has now: the driver moves what there is for a process a
 * moment after an exec has changed its image, and both images have it for another moment.
 */
export function living<Value>(processes: ReadonlyMap<Identity, Value>): Map<Identity, Value> {
  const now = identitiesNow(processes.keys());
  const moved = [...processes].flatMap(([identity, value]): [Identity, Value][] => {
    const image = now.get(identity);
    return image === undefined ? [] : [[image, value]];
  });
  return new Map([...moved, ...[...processes].filter(([identity]) => now.get(identity) === identity)]);
}

/** The identities that the processes have now of which these are or were images. */
export function identitiesNow(identities: Iterable<Identity>): Map<Identity, Identity> {
  const asked = [...identities];
  if (asked.length === 0) return new Map();
  const tasks = decodeTasks(readRecords('tasks'));
  return new Map(
    asked.flatMap((identity) => {
      const image = tasks.get(processIdOf(identity));
      return image !== undefined && isSameProcess(identity, image) ? [[identity, image]] : [];
    }),
  );
}

/** The identity of a living process by its id, whether or not it has sockets; null where there is none. */
export function identityOf(processId: number): Identity | null {
  return decodeTasks(readRecords('tasks')).get(processId) ?? null;
}

/** The living processes that have sockets or traffic. */
export function readProcesses(): ProcessRecord[] {
  return decodeReply(readRecords('processes'), { bootTime: 0, userName: String }).processes;
}

/** Those that a rule holds for. */
export function readMembers(): Member[] {
  return readProcesses().filter(({ rule }) => rule !== 0);
}

/** True for a thread of the kernel, which has no executable. */
export function isKernelThread(processId: number): boolean {
  const kernelThread = 0x0020_0000;
  return ((readProcessStat(processId)?.flags ?? 0) & kernelThread) !== 0;
}
