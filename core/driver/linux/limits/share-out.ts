import type { Libc } from '../libc.js';
import { readPieces } from '../readers.js';
import { assignOwnClasses, classTable, freePairs, ownClassesOf, toClasses, type Member } from './classes.js';
import { coverAll } from './coverage.js';
import { changeClasses, removeEmptyClasses } from './covered-classes.js';
import { classStates } from './queue.js';
import type { LeftClasses, RuleMaps } from './rule-maps.js';
import { writeOwnClasses, writeRules } from './write-rules.js';

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
