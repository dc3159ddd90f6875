import koffi from 'koffi';
import type { Identity } from '../driver.js';
import { advapi32 } from './advapi32.js';
import { kernel32 } from './kernel32.js';
import { failure, must, win32 } from './win32-error.js';

/** A process as Windows describes it, whether or not the driver knows it. */
export interface SystemProcess {
  identity: Identity;
  /** Milliseconds since 1970. */
  startTime: number;
  /** `C:\Tools\curl.exe`; null where Windows does not say. */
  path: string | null;
  /** The security identifier of its user; undefined where Windows does not say. */
  sid: Buffer | undefined;
}

/** The id of Windows' kernel; only that of the idle process, 0, is lower. */
export const kernelProcessId = 4;

const queryLimitedInformation = 0x1000;
const queryToken = 0x8;
const tokenUser = 1;
const mostSidBytes = 68; // SECURITY_MAX_SID_SIZE
const longestPath = 32_768;

/** From 1601 to 1970, in units of 100 ns. */
const epoch = 116_444_736_000_000_000n;

/** Null where there is no such process. Throws Win32Error for one that nobody may look at. */
export function readSystemProcess(processId: number): SystemProcess | null {
  if (processId % 4 !== 0) return null; // Windows would open another process, the one with the next lower multiple of 4
  const handle = kernel32.OpenProcess(queryLimitedInformation, false, processId);
  if (handle === 0) {
    const error = failure('OpenProcess');
    if (error.code === win32.invalidParameter) return null;
    throw error;
  }
  try {
    const creation = [0];
    must('GetProcessTimes', kernel32.GetProcessTimes(handle, creation, [0], [0], [0]));
    // The driver's clock counts nanoseconds.
    const start = (BigInt(creation[0] ?? 0) - epoch) * 100n;
    return {
      identity: `${processId}:${start >> 32n}:${start & 0xffff_ffffn}:0`,
      startTime: Number(start) / 1e6,
      path: pathOf(handle),
      sid: sidOf(handle),
    };
  } finally {
    kernel32.CloseHandle(handle);
  }
}

function pathOf(process: number): string | null {
  const [text, characters] = [Buffer.alloc(2 * longestPath), [longestPath]];
  const isKnown = kernel32.QueryFullProcessImageNameW(process, 0, text, characters);
  return isKnown ? text.toString('utf16le', 0, 2 * (characters[0] ?? 0)) : null;
}

/** A TOKEN_USER begins with a pointer to the identifier, which follows it in the same buffer. */
function sidOf(process: number): Buffer | undefined {
  const token = [0];
  if (!advapi32.OpenProcessToken(process, queryToken, token)) return undefined;
  const handle = token[0] ?? 0;
  try {
    const user = Buffer.alloc(4 * mostSidBytes);
    const room = user.length - mostSidBytes;
    if (!advapi32.GetTokenInformation(handle, tokenUser, user, room, [0])) return undefined;
    const pointer: unknown = koffi.decode(user, 'void *');
    return Buffer.from(koffi.decode(pointer, koffi.array('uint8_t', mostSidBytes)) as Uint8Array);
  } finally {
    kernel32.CloseHandle(handle);
  }
}
