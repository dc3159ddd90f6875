import type { Libc } from '../libc.js';
import { readPieces } from '../readers.js';
import { usedClasses, type ClassPlan } from './class-plan.js';
import {
  assignOwnClasses,
  classTable,
  freePairs,
  ownClassesOf,
  toClasses,
  type HurriedClass,
  type Member,
} from './classes.js';
import { coverAll } from './coverage.js';
import { changeClasses, removeEmptyClasses } from './covered-classes.js';
import { classStates } from './queue.js';
import type { LeftClasses, RuleMaps } from './rule-maps.js';
import { writeOwnClasses, writeRules } from './write-rules.js';

/** Others wait for the lock meanwhile. */
const patienceMs = 500;

/** Who uses which queue: read the members before those that are left, or one that ends meanwhile is in neither. */
export interface Users {
  members: readonly Member[];
  left: LeftClasses;
}

export interface SharedOut {
  /** False where it has to be done again for a network namespace. */
  isComplete: boolean;
  /** What waits in these goes faster than its limit until slowDown(). */
  hurried: readonly HurriedClass[];
  plan: ClassPlan;
}

/**
 * Gives each process of an unshared path rule its own queue, and covers network namespaces that are new.
 */
export function shareOut(libc: Libc, maps: RuleMaps, { members, left }: Users): SharedOut {
  const current = maps.rules();
  const ownBefore = maps.ownClasses();
  const there = new Set(classStates().map(({ id }) => id));
  const pairs = freePairs(current, ownBefore, [...there, ...left.keys()]);
  const next = assignOwnClasses(members, { own: ownBefore, left }, current, pairs);
  const table = classTable(next.rules, next.own, left);
  const plan = { all: table, used: usedClasses(members, next.rules, next.own) };
  const added = new Set([...table.keys()].filter((id) => !there.has(id)));
  const isComplete = coverAll(libc, { ...plan, changed: added, patienceMs });
  writeOwnClasses(maps, ownBefore, next.own);
  if (writeRules(maps, current, next.rules)) readPieces('reapply_rules', () => undefined);
  changeClasses(libc, next.hurried);
  return { isComplete, hurried: next.hurried, plan };
}

/** Gives hurried classes the rates of their limits as they are now. */
export function slowDown(libc: Libc, maps: RuleMaps, classes: readonly HurriedClass[]): void {
  const hurried = new Map(classes.map(({ id, rule }) => [id, rule]));
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
