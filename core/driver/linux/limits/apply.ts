import { readFileSync } from 'node:fs';
import type { Identity, PathRule, ProcessRecord, RuleLimits } from '../../driver.js';
import { decodeReply, decodeTasks } from '../../decode.js';
import type { Libc } from '../libc.js';
import { readPieces, readRecords } from '../readers.js';
import {
  assignOwnClasses,
  classTable,
  FreePairs,
  ownClassesOf,
  toClasses,
  type Member,
  type OwnClasses,
} from './classes.js';
import {
  changeClasses,
  coverAll,
  coveredNamespaces,
  fitWindows,
  removeEmptyClasses,
  retireClasses,
  uncoverAll,
} from './coverage.js';
import { effectiveRules, fingerprint, membersUnder, numberRules } from './plan.js';
import { classStates } from './queue.js';
import { allRules, type Classes, type KernelRule, type LeftClasses, type RuleMaps, type Rules } from './rule-maps.js';

/** What the kernel is to do from now on. */
export interface Wanted {
  saved: readonly PathRule[];
  processes: ReadonlyMap<Identity, RuleLimits>;
}

/**
 * Brings the kernel's rules and queues to what is wanted. Classes are there before a rule names them, and go after no
 * rule names them any more. Processes have classes of their own before a path rule holds for them: one that sends as
 * fast as it can fills its class within a moment. A kill on the way leaves `applied` at 0, and the next call sets every
 * class anew.
 */
export async function applyRules(libc: Libc, maps: RuleMaps, { saved, processes }: Wanted): Promise<void> {
  const current = maps.rules();
  const ownBefore = maps.ownClasses();
  const isKnown = maps.state().applied !== 0n;
  const all = readProcesses();
  const { left } = fitWindows(libc, maps, coveredNamespaces());
  const before = isKnown ? classTable(current, ownClassesOf(all, ownBefore), left) : new Map<number, number>();
  const pairs = freePairs(current, ownBefore, [...before.keys(), ...left.keys()]);
  const numbered = numberRules(current, effectiveRules(saved), living(processes), pairs);
  const next = assignOwnClasses(membersUnder(numbered, all), { own: ownBefore, left }, numbered, pairs);
  const after = classTable(next.rules, next.own, left);

  maps.setApplied(0n);
  const changed = new Map([...after].filter(([id, rate]) => before.get(id) !== rate));
  if (allRules(next.rules).length > 0) coverAll(libc, { all: after, changed: toClasses(changed) });
  writeOwnClasses(maps, ownBefore, next.own);
  writeRules(maps, current, next.rules);
  maps.setApplied(0n);
  lookAgain(libc, maps);
  forgetDead(maps);
  if (allRules(maps.rules()).length === 0) await uncoverAll(libc);
  else await retireClasses(libc, staleClasses(isKnown, before, after));
  maps.setApplied(fingerprint(saved));
}

/** Who uses which queue: read the members before those that are left, or one that ends meanwhile is in neither. */
export interface Users {
  members: readonly Member[];
  left: LeftClasses;
}

/**
 * Gives each process of an unshared path rule its own queue, and covers network namespaces that are new; `isComplete` is
 * false where it has to be done again for one of these. What waits in `hurried` goes faster than its limit until slowDown().
 */
export function shareOut(
  libc: Libc,
  maps: RuleMaps,
  { members, left }: Users,
): { isComplete: boolean; hurried: LeftClasses } {
  const current = maps.rules();
  const ownBefore = maps.ownClasses();
  const there = new Set(classStates().map(({ id }) => id));
  const pairs = freePairs(current, ownBefore, [...there, ...left.keys()]);
  const next = assignOwnClasses(members, { own: ownBefore, left }, current, pairs);
  const table = classTable(next.rules, next.own, left);
  const added = new Map([...table].filter(([id]) => !there.has(id)));
  const isComplete = coverAll(libc, { all: table, changed: toClasses(added) });
  writeOwnClasses(maps, ownBefore, next.own);
  if (writeRules(maps, current, next.rules)) readPieces('reapply_rules', () => undefined);
  changeClasses(libc, next.hurried);
  return { isComplete, hurried: new Map(next.hurried.map(({ id, rule }) => [id, rule])) };
}

/** Gives hurried classes the rates of their limits as they are now. */
export function slowDown(libc: Libc, maps: RuleMaps, hurried: LeftClasses): void {
  const table = classTable(maps.rules(), [], hurried);
  changeClasses(
    libc,
    toClasses(table).filter(({ id }) => hurried.has(id)),
  );
}

/** Removes what nobody has any more, such as the classes of processes that have ended, once all has left it. */
export function removeUnused(libc: Libc, maps: RuleMaps, { members, left }: Users): void {
  const used = classTable(maps.rules(), ownClassesOf(members, maps.ownClasses()), left);
  removeEmptyClasses(
    libc,
    classStates().flatMap(({ id }) => (used.has(id) ? [] : [id])),
  );
}

function freePairs(rules: Rules, own: ReadonlyMap<Identity, Classes>, there: Iterable<number>): FreePairs {
  const ofRules = allRules(rules).flatMap(({ classes }) => classes);
  return new FreePairs([...there, ...ofRules, ...[...own.values()].flat()]);
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

/** The living processes that have sockets or traffic. */
function readProcesses(): ProcessRecord[] {
  return decodeReply(readRecords('processes'), { bootTime: 0, userName: String }).processes;
}

/** Those that a rule holds for. */
export function readMembers(): Member[] {
  return readProcesses().filter(({ rule }) => rule !== 0);
}

/** Has the driver look at every process and every open socket again. */
function lookAgain(libc: Libc, maps: RuleMaps): void {
  readPieces('reapply_rules', () => undefined);
  readPieces('connections', () => undefined);
  fitWindows(libc, maps, coveredNamespaces());
}

/** Whether that changes any. */
function writeRules(maps: RuleMaps, current: Rules, next: Rules): boolean {
  for (const [path, rule] of current.paths) if (!next.paths.has(path)) maps.removePath(path, rule);
  for (const identity of current.processes.keys()) if (!next.processes.has(identity)) maps.removeProcess(identity);
  const paths = [...next.paths].filter(([path, rule]) => !isSame(current.paths.get(path), rule));
  const processes = [...next.processes].filter(([identity, rule]) => !isSame(current.processes.get(identity), rule));
  for (const [path, rule] of paths) maps.setPath(path, rule);
  for (const [identity, rule] of processes) maps.setProcess(identity, rule);
  return paths.length + processes.length > 0;
}

function writeOwnClasses(maps: RuleMaps, before: ReadonlyMap<Identity, Classes>, after: readonly OwnClasses[]): void {
  const kept = new Set(after.map(({ identity }) => identity));
  for (const identity of before.keys()) if (!kept.has(identity)) maps.removeOwnClasses(identity);
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
