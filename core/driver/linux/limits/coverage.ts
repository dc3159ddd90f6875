import { existsSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../layout.generated.js';
import type { Libc } from '../libc.js';
import { limitsDirectory } from '../paths.js';
import { removePins } from '../pins.js';
import { attachInterfaces, detachInterfaces, linksOf, makeLinksFolder } from './attachments.js';
import { toClasses } from './classes.js';
import { drained } from './covered-classes.js';
import { allNamespaces, coveredNamespaces, inEach, type Namespace } from './namespaces.js';
import { freeUnqueued, limitUnqueued, setCovered } from './unqueued.js';
import {
  classStates,
  makeQueue,
  ownDevices,
  releaseClasses,
  removeQueue,
  setClasses,
  type QueueClass,
} from './queue.js';

/** What a namespace that is covered already is to get. */
export interface ClassChange {
  all: ReadonlyMap<number, number>;
  changed: readonly QueueClass[];
}

/**
 * Makes the queue and attaches the limits in every network namespace that has none yet; in the others changes the
 * classes. Until a namespace has its queue, packets are held to the limits by being dropped. False where one could not be reached: it has gone, or the process has that stood for it.
 */
export function coverAll(libc: Libc, change: ClassChange): boolean {
  limitUnqueued();
  return inEach(libc, allNamespaces(), ({ inode }) => cover(libc, inode, change));
}

function cover(libc: Libc, inode: number, { all, changed }: ClassChange): void {
  if (existsSync(linksOf(inode)) && libc.interfaces().includes(layout.queueDevice)) {
    setClasses(changed);
  } else {
    uncoverHere(libc, inode);
    makeWholeQueue(all);
    makeLinksFolder(inode);
  }
  attachInterfaces(libc, inode);
  setCovered(libc, true);
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
  return inEach(libc, namespaces, ({ inode }) => attachInterfaces(libc, inode));
}

/** Removes all limits from every namespace; what waits goes on its way first. */
export async function uncoverAll(libc: Libc): Promise<void> {
  if (!existsSync(limitsDirectory)) return;
  const namespaces = coveredNamespaces();
  freeUnqueued();
  for (const name of readdirSync(limitsDirectory)) detachInterfaces(join(limitsDirectory, name));
  inEach(libc, namespaces, () => releaseClasses(classStates().map(({ id }) => id)));
  await drained(libc, namespaces, null);
  inEach(libc, namespaces, ({ inode }) => uncoverHere(libc, inode));
  for (const name of readdirSync(limitsDirectory)) removePins(join(limitsDirectory, name));
}

/** Forgets namespaces that have gone. */
export function forgetGone(): void {
  const there = new Set(allNamespaces().map(({ inode }) => String(inode)));
  for (const name of readdirSync(limitsDirectory)) {
    if (!there.has(name)) removePins(join(limitsDirectory, name));
  }
}

function uncoverHere(libc: Libc, inode: number): void {
  const folder = linksOf(inode);
  setCovered(libc, false);
  if (libc.interfaces().some((number) => ownDevices.includes(number))) removeQueue();
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  rmdirSync(folder);
}
