import { decodeReply, decodeTasks } from '../../decode.js';
import type { Identity, ProcessRecord } from '../../driver.js';
import { readProcessStat } from '../process-stat.js';
import { readRecords } from '../readers.js';
import type { Member } from './classes.js';

/** Those whose process is still there. */
export function living<Value>(processes: ReadonlyMap<Identity, Value>): Map<Identity, Value> {
  if (processes.size === 0) return new Map();
  const there = new Set(decodeTasks(readRecords('tasks')).values());
  return new Map([...processes].filter(([identity]) => there.has(identity)));
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
