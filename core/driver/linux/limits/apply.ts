import { readFileSync } from 'node:fs';
import type { Identity, PathRule, RuleLimits } from '../../driver.js';
import { decodeReply, decodeTasks } from '../../decode.js';
import type { Libc } from '../libc.js';
import { readPieces, readRecords } from '../readers.js';
import { coverAll, coveredNamespaces, fitWindows, retireClasses, uncoverAll } from './coverage.js';
import {
  assignOwnClasses,
  classTable,
  effectiveRules,
  fingerprint,
  numberRules,
  renewOwnClasses,
  toClasses,
  type Member,
  type OwnClasses,
  type Rules,
} from './plan.js';
import { classStates } from './queue.js';
import type { KernelRule, RuleMaps } from './rule-maps.js';

/** What the kernel is to do from now on. */
export interface Wanted {
  saved: readonly PathRule[];
  processes: ReadonlyMap<Identity, RuleLimits>;
}

/**
 * Brings the kernel's rules and queues to what is wanted. Classes are there before a rule names them, and go after no
 * rule names them any more. A kill on the way leaves `applied` at 0, and the next call sets every class anew.
 */
export async function applyRules(libc: Libc, maps: RuleMaps, { saved, processes }: Wanted): Promise<void> {
  const current: Rules = { paths: maps.paths(), processes: maps.processes() };
  const ownBefore = readOwnClasses(maps);
  const next = numberRules(current, effectiveRules(saved), living(processes));
  const own = renewOwnClasses(ownBefore, next);
  const isKnown = maps.state().applied !== 0n;
  const before = isKnown ? classTable(current, ownBefore) : new Map<number, number>();
  const after = classTable(next, own);
  const count = next.paths.size + next.processes.size;

  maps.setApplied(0n);
  const changed = new Map([...after].filter(([id, rate]) => before.get(id) !== rate));
  if (count > 0) coverAll(libc, { all: after, changed: toClasses(changed) });
  writeRules(maps, current, next);
  writeOwnClasses(maps, ownBefore, own);
  maps.setApplied(0n);
  lookAgain(libc, maps);
  forgetDead(maps);
  if (maps.paths().size + maps.processes().size === 0) await uncoverAll(libc);
  else await retireClasses(libc, staleClasses(isKnown, before, after));
  maps.setApplied(fingerprint(saved));
}

/**
 * Gives each process of an unshared path rule its own queue, takes back what ended ones had, and covers network
 * namespaces that are new; false where it has to be done again for one of these.
 */
export async function shareOut(libc: Libc, maps: RuleMaps, members: readonly Member[]): Promise<boolean> {
  const rules: Rules = { paths: maps.paths(), processes: maps.processes() };
  const before = readOwnClasses(maps);
  const own = assignOwnClasses(members, before, rules);
  const table = classTable(rules, own);
  const there = new Set(classStates().map(({ id }) => id));
  // A class may still be there that an ended process had, at another rule's rate.
  const kept = new Set([...classTable(rules, []).keys(), ...before.flatMap(({ classes }) => classes)]);
  const added = new Map([...table].filter(([id]) => !there.has(id) || !kept.has(id)));
  const isComplete = coverAll(libc, { all: table, changed: toClasses(added) });
  writeOwnClasses(maps, before, own);
  if (own.length > before.length) lookAgain(libc, maps);
  await retireClasses(
    libc,
    [...there].filter((id) => !table.has(id)),
  );
  return isComplete;
}

/** Those whose process is still there. */
export function living<Value>(processes: ReadonlyMap<Identity, Value>): Map<Identity, Value> {
  if (processes.size === 0) return new Map();
  const there = new Set(decodeTasks(readRecords('tasks')).values());
  return new Map([...processes].filter(([identity]) => there.has(identity)));
}

/** The driver forgets the rule of a process that ends, but not one that is written just after the end. */
function forgetDead(maps: RuleMaps): void {
  const processes = maps.processes();
  const alive = living(processes);
  for (const identity of processes.keys()) if (!alive.has(identity)) maps.removeProcess(identity);
}

/** The identity of a living process by its id, whether or not it has sockets; null where there is none. */
export function identityOf(processId: number): Identity | null {
  return decodeTasks(readRecords('tasks')).get(processId) ?? null;
}

/** Which rule holds for each living process that has sockets or traffic. */
export function readMembers(): Member[] {
  return decodeReply(readRecords('processes'), { bootTime: 0, userName: String }).processes.filter(
    ({ rule }) => rule !== 0,
  );
}

/** Has the driver look at every process and every open socket again. */
function lookAgain(libc: Libc, maps: RuleMaps): void {
  readPieces('rules', () => undefined);
  readPieces('connections', () => undefined);
  fitWindows(libc, maps, coveredNamespaces());
}

function readOwnClasses(maps: RuleMaps): OwnClasses[] {
  const own = maps.ownClasses();
  if (own.size === 0) return [];
  return readMembers().flatMap(({ identity, rule }) => {
    const classes = own.get(identity);
    return classes ? [{ identity, rule, classes }] : [];
  });
}

function writeRules(maps: RuleMaps, current: Rules, next: Rules): void {
  for (const [path, rule] of current.paths) if (!next.paths.has(path)) maps.removePath(path, rule);
  for (const identity of current.processes.keys()) if (!next.processes.has(identity)) maps.removeProcess(identity);
  for (const [path, rule] of next.paths) if (!isSame(current.paths.get(path), rule)) maps.setPath(path, rule);
  for (const [identity, rule] of next.processes) {
    if (!isSame(current.processes.get(identity), rule)) maps.setProcess(identity, rule);
  }
}

function writeOwnClasses(maps: RuleMaps, before: readonly OwnClasses[], after: readonly OwnClasses[]): void {
  const kept = new Set(after.map(({ identity }) => identity));
  for (const { identity } of before) if (!kept.has(identity)) maps.removeOwnClasses(identity);
  for (const { identity, classes } of after) maps.setOwnClasses(identity, classes);
}

function isSame(a: KernelRule | undefined, b: KernelRule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function staleClasses(
  isKnown: boolean,
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number[] {
  const there = isKnown ? [...before.keys()] : classStates().map(({ id }) => id);
  return there.filter((id) => !after.has(id));
}

/** True for a thread of the kernel, which has no executable. */
export function isKernelThread(processId: number): boolean {
  const kernelThread = 0x0020_0000;
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6] ?? 0);
  return (flags & kernelThread) !== 0;
}
