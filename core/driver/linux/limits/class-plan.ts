import { processIdOf } from '../../record-values.js';
import type { Libc } from '../libc.js';
import { toClasses, type Member, type OwnClasses } from './classes.js';
import { isUsersOwn, namespaceOf, type Namespace } from './namespaces.js';
import type { QueueClass } from './queue.js';
import { allRules, type Rules } from './rule-maps.js';

/** Which classes there are to be, and which of them the processes of a network namespace have. */
export interface ClassPlan {
  /** Each class and its rate. */
  all: ReadonlyMap<number, number>;
  /** By the number of the namespace's inode. */
  used: ReadonlyMap<number, ReadonlySet<number>>;
}

export function usedClasses(
  members: readonly Member[],
  rules: Rules,
  own: readonly OwnClasses[],
): Map<number, Set<number>> {
  const ofRule = new Map(allRules(rules).map(({ number, classes }) => [number, classes]));
  const ofMember = new Map(own.map(({ identity, classes }) => [identity, classes]));
  const used = new Map<number, Set<number>>();
  for (const { identity, rule } of members) {
    const inode = namespaceOf(processIdOf(identity));
    if (inode === null) continue;
    const ids = used.get(inode) ?? new Set();
    for (const id of [...(ofRule.get(rule) ?? []), ...(ofMember.get(identity) ?? [])]) ids.add(id);
    used.set(inode, ids);
  }
  return used;
}

/**
 * What a namespace is to have of these classes. One that a user has made has those of its own processes only, since the
 * user may read there what limits the machine has; null where it needs none at all.
 */
export function classesIn(libc: Libc, namespace: Namespace, { all, used }: ClassPlan): QueueClass[] | null {
  if (!isUsersOwn(libc, namespace)) return toClasses(all);
  const ids = used.get(namespace.inode);
  return ids ? toClasses(all).filter(({ id }) => ids.has(id)) : null;
}
