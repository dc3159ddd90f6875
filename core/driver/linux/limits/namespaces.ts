import { closeSync, existsSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import type { Libc } from '../libc.js';
import { readMounts } from '../mounts.js';
import { limitsDirectory } from '../paths.js';

/** A network namespace: the number of its inode, and a file that stands for it at the moment. */
export interface Namespace {
  inode: number;
  file: string;
}

/** This thread's own, while it is in no other. */
export const ownFile = '/proc/self/ns/net';

/** Every network namespace that a process lives in, or that is mounted somewhere, as `ip netns` does. */
export function allNamespaces(): Namespace[] {
  const found = new Map<number, Namespace>();
  const add = (file: string): void => {
    const inode = inodeOf(file);
    if (inode !== null && !found.has(inode)) found.set(inode, { inode, file });
  };
  add(ownFile);
  // Mounts first: they stay where a process may end at any moment.
  for (const { root, target } of readMounts()) if (root.startsWith('net:')) add(target);
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/u.test(name)) add(`/proc/${name}/ns/net`);
  }
  return [...found.values()];
}

/** Those that have the limits' programs on their interfaces. */
export function coveredNamespaces(all?: readonly Namespace[]): Namespace[] {
  if (!existsSync(limitsDirectory)) return [];
  const covered = new Set(readdirSync(limitsDirectory));
  return (all ?? allNamespaces()).filter(({ inode }) => covered.has(String(inode)));
}

/** Whether a network namespace was made by a user who may do that in a user namespace only: by anybody. */
export function isUsersOwn(libc: Libc, { inode, file }: Namespace): boolean {
  const hosts = 4_026_531_837;
  const namespace = openNamespace(file, inode);
  if (namespace === null) return false;
  const owner = libc.openOwner(namespace);
  closeSync(namespace);
  if (owner < 0) return false;
  try {
    return fstatSync(owner).ino !== hosts;
  } finally {
    closeSync(owner);
  }
}

/** The namespace that a process lives in; null where it has ended. */
export function namespaceOf(processId: number): number | null {
  return inodeOf(`/proc/${processId}/ns/net`);
}

/** Null where the namespace behind the file has gone. */
export function inodeOf(file: string): number | null {
  try {
    return statSync(file, { throwIfNoEntry: false })?.ino ?? null;
  } catch {
    return null; // a process that is just ending, or one that may not be looked at
  }
}

/**
 * Does something in each of these network namespaces until it is over; false where one is left or has gone. What fails
 * in somebody else's is a warning, and keeps nothing from being done in the others.
 */
export function inEach(
  libc: Libc,
  namespaces: readonly Namespace[],
  work: (namespace: Namespace) => void,
  isOver: () => boolean = () => false,
): boolean {
  let areThere = true;
  for (const namespace of namespaces) {
    if (isOver()) return false;
    try {
      areThere = inNamespace(libc, namespace, () => work(namespace)) && areThere;
    } catch (error) {
      if (namespace.file === ownFile) throw error;
      warnOnce(`Limits don't reach the network namespace ${namespace.inode}: ${(error as Error).message}`);
    }
  }
  return areThere;
}

const warnings = new Set<string>();

/** The agent comes here twice a second. */
export function warnOnce(text: string): void {
  if (!warnings.has(text)) process.emitWarning(text);
  warnings.add(text);
}

/**
 * Does something in a network namespace: this thread is in it, and what it starts. Nothing may wait meanwhile. False
 * where the namespace has gone.
 */
export function inNamespace(libc: Libc, { inode, file }: Namespace, work: () => void): boolean {
  const own = openSync(ownFile, 'r');
  try {
    const other = openNamespace(file, inode);
    if (other === null) return false;
    try {
      libc.enterNetwork(other);
    } finally {
      closeSync(other);
    }
    try {
      work();
    } finally {
      libc.enterNetwork(own);
    }
    return true;
  } finally {
    closeSync(own);
  }
}

/** The id in the file's path may belong to another process by now. */
export function openNamespace(file: string, inode: number): number | null {
  try {
    const fd = openSync(file, 'r');
    if (inodeOf(`/proc/self/fd/${fd}`) === inode) return fd;
    closeSync(fd);
  } catch {
    // It has gone.
  }
  return null;
}
