import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';

/** A file by the kernel's numbers of its device and inode: `device:inode`. */
export type FileId = `${bigint}:${bigint}`;

/** Of the kernel's number of a device, the bits that are its minor number. */
const minorBits = 20n;

/**
 * The file that a path leads to now; it may have other names, or get some. None where somebody else could have given
 * root's file the name that the rule is for: it would be for any program then.
 */
export function fileOf(path: string): FileId | null {
  const file = look(path);
  if (!file?.isFile()) return null;
  if (file.uid === 0n && !isRootsOwn(dirname(path)) && !areLinksProtected()) return null;
  return `${kernelDevice(file.dev)}:${file.ino}`;
}

function isRootsOwn(folder: string): boolean {
  const status = look(folder);
  return status?.uid === 0n && (status.mode & 0o022n) === 0n;
}

/** Whether only who may write a file may give it another name. */
function areLinksProtected(): boolean {
  return readFileSync('/proc/sys/fs/protected_hardlinks', 'latin1').startsWith('1');
}

function look(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

/** What stat calls a device has the bits of its two numbers apart. */
function kernelDevice(device: bigint): bigint {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffff_ffffn);
  return (major << minorBits) | minor;
}
