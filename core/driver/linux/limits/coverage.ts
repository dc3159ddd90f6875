import { existsSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../layout.generated.js';
import type { Libc } from '../libc.js';
import { limitsDirectory } from '../paths.js';
import { removePins } from '../pins.js';
import { attachInterfaces, detachInterfaces, linksOf, makeLinksFolder } from './attachments.js';
import { classesIn, type ClassPlan } from './class-plan.js';
import { drained } from './covered-classes.js';
import { ownDevices } from './devices.js';
import { allNamespaces, coveredNamespaces, inEach, ownFile, warnOnce, type Namespace } from './namespaces.js';
import { forgetInNetworkd, hideFromNetworkd } from './networkd.js';
import { freeUnqueued, limitUnqueued } from './unqueued.js';
import {
  changedClasses,
  classStates,
  makeQueue,
  queueNames,
  releaseClasses,
  removeQueue,
  setClasses,
  type QueueClass,
} from './queue.js';

/** What network namespaces are to get; those that are covered already only what has changed. */
export interface ClassChange extends ClassPlan {
  /** How long those are covered in which nobody is limited yet: the lock is held meanwhile. */
  patienceMs: number;
  changed: ReadonlySet<number>;
}

/**
 * Makes the queue and attaches the limits in every network namespace that has none yet, first where limited processes
 * are; in the others changes the classes. Users' own are covered only where limited processes are. Until a namespace
 * has its queue, what is too fast there is dropped. False where something is left to do: there are many, or one could
 * not be reached, since it has gone, or the process has that stood for it.
 */
export function coverAll(libc: Libc, change: ClassChange): boolean {
  limitUnqueued();
  const covered = new Set(existsSync(limitsDirectory) ? readdirSync(limitsDirectory) : []);
  const isCovered = ({ inode }: Namespace): boolean => covered.has(String(inode));
  const isUrgent = (namespace: Namespace): boolean => namespace.file === ownFile || change.used.has(namespace.inode);
  const all = allNamespaces();
  const [urgent, others] = [all.filter(isUrgent), all.filter((namespace) => !isUrgent(namespace))];
  const work = (namespace: Namespace): void => cover(libc, namespace, change);
  const isDone = inEach(libc, [...urgent, ...others.filter(isCovered)], work);
  const end = performance.now() + change.patienceMs;
  const isOver = (): boolean => performance.now() > end;
  return (
    inEach(
      libc,
      others.filter((namespace) => !isCovered(namespace)),
      work,
      isOver,
    ) && isDone
  );
}

function cover(libc: Libc, namespace: Namespace, change: ClassChange): void {
  const { inode } = namespace;
  const isThere = existsSync(linksOf(inode)) && libc.interfaces().includes(layout.queueDevice);
  const classes = classesIn(libc, namespace, change);
  if (isThere) {
    // One with a part of the classes only may need others than before.
    const hasAll = classes?.length === change.all.size;
    setClasses((classes ?? []).filter(({ id }) => !hasAll || change.changed.has(id)));
  } else if (classes === null) {
    return;
  } else {
    uncoverHere(libc, inode);
    makeQueueIn(namespace, classes);
    makeLinksFolder(inode);
  }
  attachInterfaces(libc, inode);
}

/** systemd-networkd is in the machine's own namespace, or in a container, where nothing tells it. */
function makeQueueIn({ file }: Namespace, classes: readonly QueueClass[]): void {
  if (file === ownFile) hideFromNetworkd(queueNames());
  makeQueue(classes);
}

/**
 * Attaches the limits to interfaces that are new in namespaces that are covered, and undoes what others have changed of
 * the queue; false where one has gone.
 */
export function mend(libc: Libc, namespaces: readonly Namespace[], plan: ClassPlan): boolean {
  return inEach(libc, namespaces, (namespace) => {
    const classes = classesIn(libc, namespace, plan) ?? [];
    const changed = changedClasses(classes);
    if (changed === null) {
      removeQueue();
      makeQueueIn(namespace, classes);
    } else {
      setClasses(changed);
    }
    if (changed?.length !== 0) sayChanged(namespace);
    attachInterfaces(libc, namespace.inode);
  });
}

function sayChanged({ inode }: Namespace): void {
  warnOnce(`Somebody has changed the queue for limits in the network namespace ${inode}: it is made anew.`);
}

/** Lets all packets pass in every namespace: what waits goes on its way first. The devices are left. */
export async function releaseAll(libc: Libc): Promise<void> {
  if (!existsSync(limitsDirectory)) return;
  const namespaces = coveredNamespaces();
  freeUnqueued();
  for (const name of readdirSync(limitsDirectory)) detachInterfaces(join(limitsDirectory, name));
  inEach(libc, namespaces, () => releaseClasses(classStates().map(({ id }) => id)));
  await drained(libc, namespaces, null);
}

/** Removes the devices that releaseAll() has left, for so many milliseconds; false where some are left. */
export function uncoverAll(libc: Libc, milliseconds = Infinity): boolean {
  if (!existsSync(limitsDirectory)) return true;
  const end = performance.now() + milliseconds;
  const isOver = (): boolean => performance.now() > end;
  inEach(libc, coveredNamespaces(), ({ inode }) => uncoverHere(libc, inode), isOver);
  if (isOver()) return false;
  for (const name of readdirSync(limitsDirectory)) removePins(join(limitsDirectory, name));
  forgetInNetworkd();
  return true;
}

/** Removes the devices wherever there are any. */
export function removeQueues(libc: Libc): void {
  inEach(libc, allNamespaces(), removeQueue);
  forgetInNetworkd();
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
  if (libc.interfaces().some((number) => ownDevices.includes(number))) removeQueue();
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  rmdirSync(folder);
}
