import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import type { Libc } from '../libc.js';
import { readMounts } from '../mounts.js';

/** A network namespace: the number of its inode, and a file that stands for it at the moment. */
export interface Namespace {
  inode: number;
  file: string;
}

/** Every network namespace that a process lives in, or that is mounted somewhere, as `ip netns` does. */
export function allNamespaces(): Namespace[] {
  const found = new Map<number, Namespace>();
  const add = (file: string): void => {
    const inode = inodeOf(file);
    if (inode !== null && !found.has(inode)) found.set(inode, { inode, file });
  };
  add('/proc/self/ns/net');
  // Mounts first: they stay where a process may end at any moment.
  for (const { root, target } of readMounts()) if (root.startsWith('net:')) add(target);
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/u.test(name)) add(`/proc/${name}/ns/net`);
  }
  return [...found.values()];
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
 * Does something in a network namespace: this thread is in it, and what it starts. Nothing may wait meanwhile. False
 * where the namespace has gone.
 */
export function inNamespace(libc: Libc, { inode, file }: Namespace, work: () => void): boolean {
  const own = openSync('/proc/self/ns/net', 'r');
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
function openNamespace(file: string, inode: number): number | null {
  try {
    const fd = openSync(file, 'r');
    if (inodeOf(`/proc/self/fd/${fd}`) === inode) return fd;
    closeSync(fd);
  } catch {
    // It has gone.
  }
  return null;
}
