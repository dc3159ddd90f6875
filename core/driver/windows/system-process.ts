import koffi from 'koffi';
import type { Identity } from '../driver.js';
import { loadKernel32, win32Error } from './kernel32.js';
import { win32 } from './win32-error.js';

/** What Windows says of a process, whether or not the driver knows it. */
export interface SystemProcess {
  identity: Identity;
  /** Milliseconds since 1970. */
  startTime: number;
  /** `C:\Tools\curl.exe`; null where it can't be told. */
  path: string | null;
  /** The security identifier of its user; undefined where it can't be told. */
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

let loaded: ReturnType<typeof declareCalls> | undefined;

/** Null where there is no such process. Throws Win32Error for one that nobody may look at. */
export function readSystemProcess(processId: number): SystemProcess | null {
  loaded ??= declareCalls();
  const { openProcess, getProcessTimes } = loaded;
  const handle = openProcess(queryLimitedInformation, false, processId) as number;
  if (handle === 0) {
    const code = loadKernel32().lastError();
    if (code === win32.invalidParameter) return null;
    throw win32Error('OpenProcess', code);
  }
  try {
    const creation = [0];
    if (!(getProcessTimes(handle, creation, [0], [0], [0]) as boolean)) {
      throw win32Error('GetProcessTimes', loadKernel32().lastError());
    }
    // The driver's clock counts nanoseconds.
    const start = (BigInt(creation[0] ?? 0) - epoch) * 100n;
    return {
      identity: `${processId}:${start >> 32n}:${start & 0xffff_ffffn}:0`,
      startTime: Number(start) / 1e6,
      path: pathOf(handle, loaded),
      sid: sidOf(handle, loaded),
    };
  } finally {
    loadKernel32().closeHandle(handle);
  }
}

function pathOf(process: number, { queryFullProcessImageName }: ReturnType<typeof declareCalls>): string | null {
  const [text, characters] = [Buffer.alloc(2 * longestPath), [longestPath]];
  const isTold = queryFullProcessImageName(process, 0, text, characters) as boolean;
  return isTold ? text.toString('utf16le', 0, 2 * (characters[0] ?? 0)) : null;
}

/** A TOKEN_USER begins with a pointer to the identifier, which follows it in the same buffer. */
function sidOf(process: number, calls: ReturnType<typeof declareCalls>): Buffer | undefined {
  const token = [0];
  if (!(calls.openProcessToken(process, queryToken, token) as boolean)) return undefined;
  try {
    const user = Buffer.alloc(4 * mostSidBytes);
    const isTold = calls.getTokenInformation(token[0], tokenUser, user, user.length - mostSidBytes, [0]) as boolean;
    if (!isTold) return undefined;
    const pointer: unknown = koffi.decode(user, 'void *');
    return Buffer.from(koffi.decode(pointer, koffi.array('uint8_t', mostSidBytes)) as Uint8Array);
  } finally {
    loadKernel32().closeHandle(token[0] ?? 0);
  }
}

function declareCalls() {
  const kernel32 = koffi.load('kernel32.dll');
  const advapi32 = koffi.load('advapi32.dll');
  return {
    openProcess: kernel32.func('intptr_t __stdcall OpenProcess(uint32_t access, bool inherit, uint32_t process_id)'),
    getProcessTimes: kernel32.func(
      'bool __stdcall GetProcessTimes(intptr_t process, _Out_ uint64_t *creation, _Out_ uint64_t *exit, _Out_ uint64_t *kernel, _Out_ uint64_t *user)',
    ),
    queryFullProcessImageName: kernel32.func(
      'bool __stdcall QueryFullProcessImageNameW(intptr_t process, uint32_t flags, void *name, _Inout_ uint32_t *characters)',
    ),
    openProcessToken: advapi32.func(
      'bool __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)',
    ),
    getTokenInformation: advapi32.func(
      'bool __stdcall GetTokenInformation(intptr_t token, int what, void *information, uint32_t bytes, _Out_ uint32_t *needed)',
    ),
  };
}
