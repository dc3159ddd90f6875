import type { Identity, PathRule, RuleLimits } from '../../driver.js';
import { processIdOf } from '../../record-values.js';
import type { Libc } from '../libc.js';
import { readPieces } from '../readers.js';
import { assignOwnClasses, classTable, freePairs, ownClassesOf } from './classes.js';
import { usedClasses } from './class-plan.js';
import { coverAll, releaseAll } from './coverage.js';
import { retireClasses } from './covered-classes.js';
import { fitWindows } from './fit-windows.js';
import { effectiveRules, fingerprint, membersUnder, numberRules } from './plan.js';
import { allNamespaces, coveredNamespaces, namespaceOf, type Namespace } from './namespaces.js';
import { identitiesNow, living, readMembers, readProcesses } from './processes.js';
import { classStates } from './queue.js';
import { stopWatchingSending, watchSending } from './sending.js';
import { allRules, type RuleMaps } from './rule-maps.js';
import { writeOwnClasses, writeRules } from './write-rules.js';

/**
 * A limit holds at once: in all network namespaces, but for a machine that has more than can be covered in this time.
 */
const patienceMs = 8000;

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
  const namespaces = allNamespaces();
  const { left, busy } = fitWindows(libc, maps, coveredNamespaces(namespaces));
  const before = isKnown ? classTable(current, ownClassesOf(all, ownBefore), left) : new Map<number, number>();
  const pairs = freePairs(current, ownBefore, [...before.keys(), ...left.keys()]);
  const numbered = numberRules(current, effectiveRules(saved), living(processes), pairs);
  const members = membersUnder(numbered, all);
  const next = assignOwnClasses(members, { own: ownBefore, left }, numbered, pairs);
  const after = classTable(next.rules, next.own, left);

  maps.setApplied(0n);
  const used = usedClasses(members, next.rules, next.own);
  const changed = new Set([...after].flatMap(([id, rate]) => (before.get(id) === rate ? [] : [id])));
  if (allRules(next.rules).length > 0) {
    watchSending();
    coverAll(libc, { all: after, used, changed, patienceMs });
  }
  writeOwnClasses(maps, ownBefore, next.own);
  writeRules(maps, current, next.rules);
  maps.setApplied(0n);
  lookAgain();
  // Of those that only have a socket open it is known since this look at all sockets that they are limited.
  const limited = new Set(readMembers().map(({ identity }) => namespaceOf(processIdOf(identity))));
  const isConcerned = ({ inode }: Namespace): boolean => busy.has(inode) || limited.has(inode);
  fitWindows(libc, maps, coveredNamespaces(namespaces).filter(isConcerned));
  forgetDead(maps);
  if (allRules(maps.rules()).length === 0) {
    stopWatchingSending();
    await releaseAll(libc);
  } else await retireClasses(libc, staleClasses(isKnown, before, after));
  maps.setApplied(fingerprint(saved));
}

/** The driver forgets the rule of a process that ends, but not one that is written just after the end. */
function forgetDead(maps: RuleMaps): void {
  const identities = [...maps.processes().keys()];
  const alive = identitiesNow(identities);
  for (const identity of identities) if (!alive.has(identity)) maps.removeProcess(identity);
}

/** Has the driver look at every process and every open socket again. */
function lookAgain(): void {
  readPieces('reapply_rules', () => undefined);
  readPieces('connections', () => undefined);
}

function staleClasses(
  isKnown: boolean,
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number[] {
  const there = isKnown ? [...before.keys()] : classStates().map(({ id }) => id);
  return there.filter((id) => !after.has(id));
}
