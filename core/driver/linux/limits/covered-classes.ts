import { setTimeout } from 'node:timers/promises';
import type { Libc } from '../libc.js';
import { coveredNamespaces, inEach, type Namespace } from './namespaces.js';
import { classStates, releaseClasses, removeClasses, setClasses, type QueueClass } from './queue.js';

/** How long what waits in a class that goes away is given to leave, at full speed. */
const drainMs = 500;
const pauseMs = 20;

/** Changes the rates of classes that are there, in every namespace. */
export function changeClasses(libc: Libc, classes: readonly QueueClass[]): void {
  if (classes.length === 0) return;
  inEach(libc, coveredNamespaces(), () => setClasses(classes));
}

/** Lets what waits in these classes go, and removes them: in every namespace, or they would lose packets. */
export async function retireClasses(libc: Libc, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const namespaces = coveredNamespaces();
  inEach(libc, namespaces, () => releaseClasses(present(ids)));
  await drained(libc, namespaces, new Set(ids));
  inEach(libc, namespaces, () => removeClasses(present(ids)));
}

/** Removes those of these classes in which nothing waits in any namespace. */
export function removeEmptyClasses(libc: Libc, ids: readonly number[]): void {
  if (ids.length === 0) return;
  const namespaces = coveredNamespaces();
  const waiting = waitingClasses(libc, namespaces);
  const empty = ids.filter((id) => !waiting.has(id));
  inEach(libc, namespaces, () => removeClasses(present(empty)));
}

/** Waits until nothing waits in these classes any more, or in any where `ids` is null; but not for long. */
export async function drained(
  libc: Libc,
  namespaces: readonly Namespace[],
  ids: ReadonlySet<number> | null,
): Promise<void> {
  const end = performance.now() + drainMs;
  const isWaiting = (): boolean => [...waitingClasses(libc, namespaces)].some((id) => ids?.has(id) ?? true);
  while (isWaiting() && performance.now() < end) await setTimeout(pauseMs);
}

/** The classes in which something waits in any of these. */
function waitingClasses(libc: Libc, namespaces: readonly Namespace[]): Set<number> {
  const waiting = new Set<number>();
  const look = (): void => {
    for (const { id, waitingBytes } of classStates()) if (waitingBytes > 0) waiting.add(id);
  };
  inEach(libc, namespaces, look);
  return waiting;
}

/** Those of them that this thread's network namespace has. */
function present(ids: readonly number[]): number[] {
  const wanted = new Set(ids);
  return classStates().flatMap(({ id }) => (wanted.has(id) ? [id] : []));
}
