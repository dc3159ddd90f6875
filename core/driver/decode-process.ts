import type { Description } from './decode-description.js';
import { readIdentity, readLimit, readText, readTime, readUint64, type Identity } from './record-values.js';
import { malformed } from './malformed.js';
import { processFlag, processLayout as layout, protocol } from './protocol.generated.js';

/** struct netflow_process, decoded. The driver describes those that have exited; others the system does. */
export interface ProcessRecord extends Description {
  identity: Identity;
  processId: number;
  /** Milliseconds since 1970. */
  startTime: number;
  exited: boolean;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
  uploadLimit: number | null;
  downloadLimit: number | null;
  parentId: number;
  user: string;
  measurement: number;
  /** The number of the rule in force for it; 0 where none is. */
  rule: number;
  name: string;
  /** The kernel's own name of it, as it was when the driver first saw the process. */
  shortName: string;
  path: string | null;
}

/** The facts that decoding needs and the records lack. */
export interface DecodeContext {
  /** The zero of the driver's clock, in milliseconds since 1970. */
  bootTime: number;
  /** `sid` is given on Windows only. */
  userName(userId: number, sid: Buffer | undefined): string;
  /** Turns the kernel's name of an executable into the one that people know; left out where both are the same. */
  executable?(path: string): string;
}

/** Decodes the struct netflow_process at `offset`; the caller has checked that it is there. */
export function decodeProcess(
  reply: Buffer,
  view: DataView,
  offset: number,
  size: number,
  context: DecodeContext,
): ProcessRecord {
  const { flags, pathStart, pathEnd, sidEnd } = tailOf(view, offset, size);
  const path = executablePath(reply, pathStart, pathEnd, flags);
  const sid = sidEnd > pathEnd ? reply.subarray(pathEnd, sidEnd) : undefined;
  return {
    identity: readIdentity(view, offset + layout.identityProcessId),
    processId: view.getUint32(offset + layout.identityProcessId, true),
    startTime: readTime(view, offset + layout.identityStartTime, context.bootTime),
    exited: (flags & processFlag.exited) !== 0,
    uploadBytes: readUint64(view, offset + layout.uploadBytes),
    downloadBytes: readUint64(view, offset + layout.downloadBytes),
    uploadSpeed: readUint64(view, offset + layout.uploadSpeed),
    downloadSpeed: readUint64(view, offset + layout.downloadSpeed),
    uploadLimit: readLimit(view, offset + layout.uploadLimit),
    downloadLimit: readLimit(view, offset + layout.downloadLimit),
    parentId: view.getUint32(offset + layout.parentId, true),
    user: context.userName(view.getUint32(offset + layout.userId, true), sid),
    measurement: view.getUint32(offset + layout.measurement, true),
    rule: view.getUint32(offset + layout.rule, true),
    name: nameOf(path, flags, reply, offset),
    shortName: shortName(reply, offset + layout.name),
    path: shownPath(path, flags, context),
    commandLine: null,
    service: null,
  };
}

/** A process of which the driver has no record: its numbers are 0, its texts empty, and it has no limits. */
export function emptyProcess(): ProcessRecord {
  const bytes = Buffer.alloc(layout.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return decodeProcess(bytes, view, 0, bytes.length, { bootTime: 0, userName: () => '' });
}

/** Decodes only the name of the struct netflow_process at `offset`. */
export function decodeProcessName(reply: Buffer, view: DataView, offset: number, size: number): string {
  const { flags, pathStart, pathEnd } = tailOf(view, offset, size);
  const path = executablePath(reply, pathStart, pathEnd, flags);
  return nameOf(path, flags, reply, offset);
}

/** Finds the path and the SID that follow the struct, and the flags that say how to read them. */
function tailOf(view: DataView, offset: number, size: number) {
  const flags = view.getUint16(offset + layout.flags, true);
  const pathStart = offset + layout.size;
  const pathEnd = pathStart + view.getUint16(offset + layout.pathBytes, true);
  const sidEnd = pathEnd + view.getUint16(offset + layout.sidBytes, true);
  if (sidEnd > offset + size) {
    throw malformed(offset, `its path and SID need ${sidEnd - pathStart} bytes and have ${size - layout.size}`);
  }
  return { flags, pathStart, pathEnd, sidEnd };
}

/** Returns the path as the record has it; null for a process whose executable has no name in a file system. */
function executablePath(reply: Buffer, start: number, end: number, flags: number): string | null {
  if (start === end || (flags & (processFlag.kernel | processFlag.pathMemory)) !== 0) {
    return null;
  }
  return reply.toString((flags & processFlag.pathUtf16) !== 0 ? 'utf16le' : 'utf8', start, end);
}

/** Returns the path for people. It begins with an ellipsis if its front is missing. */
function shownPath(path: string | null, flags: number, context: DecodeContext): string | null {
  if (path === null) return null;
  if ((flags & processFlag.pathCut) !== 0) return `…${path}`;
  return context.executable?.(path) ?? path;
}

/** Prefers the file's name: the kernel's short one ends after 15 bytes, and a process can change it. */
function nameOf(path: string | null, flags: number, reply: Buffer, offset: number): string {
  const separator = (flags & processFlag.pathUtf16) !== 0 ? '\\' : '/';
  const fileName = path?.slice(path.lastIndexOf(separator) + 1) ?? '';
  return fileName === '' ? shortName(reply, offset + layout.name) : fileName;
}

function shortName(reply: Buffer, start: number): string {
  return readText(reply, start, protocol.nameBytes);
}
