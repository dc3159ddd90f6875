import { existsSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { limitedLayout } from '../../protocol.generated.js';
import type { Libc } from '../libc.js';
import { limitsDirectory } from '../paths.js';
import { removePins } from '../pins.js';
import { readPieces } from '../readers.js';
import { attachInterfaces, detachInterfaces, linksOf, makeLinksFolder } from './attachments.js';
import { toClasses } from './classes.js';
import { allNamespaces, inNamespace, type Namespace } from './namespaces.js';
import type { LeftClasses, RuleMaps } from './rule-maps.js';
import {
  classStates,
  makeQueue,
  ownDevices,
  queueDevice,
  releaseClasses,
  removeClasses,
  removeQueue,
  setClasses,
  type QueueClass,
} from './queue.js';

/** How long what waits in a class that goes away is given to leave, at full speed. */
const drainMs = 500;
const pauseMs = 20;

/** What a namespace that is covered already is to get. */
export interface ClassChange {
  all: ReadonlyMap<number, number>;
  changed: readonly QueueClass[];
}

/**
 * Makes the queue and attaches the limits in every network namespace that has none yet; in the others changes the
 * classes. Where a namespace of somebody else's can't be covered, the others are all the same. False where one could
 * not be reached: it has gone, or the process has that stood for it.
 */
export function coverAll(libc: Libc, change: ClassChange): boolean {
  let isComplete = true;
  inEach(allNamespaces(), (namespace) => (isComplete = cover(libc, namespace, change) && isComplete));
  return isComplete;
}

/** One of somebody else's in which something fails keeps nothing from being done in the others. */
function inEach(namespaces: readonly Namespace[], work: (namespace: Namespace) => unknown): void {
  for (const namespace of namespaces) {
    try {
      work(namespace);
    } catch (error) {
      if (isOwn(namespace)) throw error;
      warnOnce(`Limits don't reach the network namespace ${namespace.inode}: ${(error as Error).message}`);
    }
  }
}

const warnings = new Set<string>();

/** The agent comes here twice a second. */
function warnOnce(text: string): void {
  if (!warnings.has(text)) process.emitWarning(text);
  warnings.add(text);
}

/** False where the namespace has gone. */
function cover(libc: Libc, namespace: Namespace, { all, changed }: ClassChange): boolean {
  return inNamespace(libc, namespace, () => {
    const { inode } = namespace;
    if (existsSync(linksOf(inode)) && libc.interfaces().includes(queueDevice)) {
      setClasses(changed);
    } else {
      uncoverHere(libc, inode);
      makeWholeQueue(all);
      makeLinksFolder(inode);
    }
    attachInterfaces(libc, inode);
  });
}

/** Or none of it. */
function makeWholeQueue(classes: ReadonlyMap<number, number>): void {
  try {
    makeQueue();
    setClasses(toClasses(classes));
  } catch (error) {
    removeQueue();
    throw error;
  }
}

/** Attaches the limits to interfaces that are new in namespaces that are covered; false where one has gone. */
export function refresh(libc: Libc, namespaces: readonly Namespace[]): boolean {
  let isComplete = true;
  inEach(namespaces, (namespace) => {
    isComplete = inNamespace(libc, namespace, () => attachInterfaces(libc, namespace.inode)) && isComplete;
  });
  return isComplete;
}

/**
 * Fits the windows of open connections to the limits, and gives the number of those that are limited, and the classes of
 * those whose process has ended. The driver counts the connections of each process meanwhile.
 */
export function fitWindows(
  libc: Libc,
  maps: RuleMaps,
  namespaces: readonly Namespace[],
): { limited: number; left: LeftClasses } {
  let limited = 0;
  const left = new Map<number, number>();
  const look = (piece: Buffer): void => {
    for (let offset = 0; offset < piece.length; offset += limitedLayout.size) {
      const id = piece.readUInt32LE(offset + limitedLayout.leftClass);
      if (id !== 0) left.set(id, piece.readUInt32LE(offset + limitedLayout.leftRule));
      limited += 1;
    }
  };
  maps.beginRound();
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, () => readPieces('fit_windows', look)));
  return { limited, left };
}

/** Lets what waits in these classes go, and removes them: in every namespace, or they would lose packets. */
export async function retireClasses(libc: Libc, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const namespaces = coveredNamespaces();
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, () => releaseClasses(present(ids))));
  await drained(libc, namespaces, new Set(ids));
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, () => removeClasses(present(ids))));
}

/** Removes those of these classes in which nothing waits in any namespace. */
export function removeEmptyClasses(libc: Libc, ids: readonly number[]): void {
  if (ids.length === 0) return;
  const namespaces = coveredNamespaces();
  const waiting = waitingClasses(libc, namespaces);
  const empty = ids.filter((id) => !waiting.has(id));
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, () => removeClasses(present(empty))));
}

/** Changes the rates of classes that are there, in every namespace. */
export function changeClasses(libc: Libc, classes: readonly QueueClass[]): void {
  if (classes.length === 0) return;
  inEach(coveredNamespaces(), (namespace) => inNamespace(libc, namespace, () => setClasses(classes)));
}

/** Those of them that this thread's network namespace has. */
function present(ids: readonly number[]): number[] {
  const wanted = new Set(ids);
  return classStates().flatMap(({ id }) => (wanted.has(id) ? [id] : []));
}

/** Removes all limits from every namespace; what waits goes on its way first. */
export async function uncoverAll(libc: Libc): Promise<void> {
  if (!existsSync(limitsDirectory)) return;
  const namespaces = coveredNamespaces();
  for (const name of readdirSync(limitsDirectory)) detachInterfaces(join(limitsDirectory, name));
  inEach(namespaces, (namespace) =>
    inNamespace(libc, namespace, () => releaseClasses(classStates().map(({ id }) => id))),
  );
  await drained(libc, namespaces, null);
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, () => uncoverHere(libc, namespace.inode)));
  for (const name of readdirSync(limitsDirectory)) removePins(join(limitsDirectory, name));
}

/** Forgets namespaces that have gone. */
export function forgetGone(): void {
  const there = new Set(allNamespaces().map(({ inode }) => String(inode)));
  for (const name of readdirSync(limitsDirectory)) {
    if (!there.has(name)) removePins(join(limitsDirectory, name));
  }
}

export function coveredNamespaces(): Namespace[] {
  if (!existsSync(limitsDirectory)) return [];
  const covered = new Set(readdirSync(limitsDirectory));
  return allNamespaces().filter(({ inode }) => covered.has(String(inode)));
}

function uncoverHere(libc: Libc, inode: number): void {
  const folder = linksOf(inode);
  if (libc.interfaces().some((number) => ownDevices.includes(number))) removeQueue();
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  rmdirSync(folder);
}

async function drained(libc: Libc, namespaces: readonly Namespace[], ids: ReadonlySet<number> | null): Promise<void> {
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
  inEach(namespaces, (namespace) => inNamespace(libc, namespace, look));
  return waiting;
}

function isOwn({ file }: Namespace): boolean {
  return file === '/proc/self/ns/net';
}
