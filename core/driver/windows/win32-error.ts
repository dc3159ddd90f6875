import { kernel32 } from './kernel32.js';

/** Codes of GetLastError(), by the names that winerror.h has for them. */
export const win32 = {
  success: 0,
  invalidFunction: 1,
  fileNotFound: 2,
  pathNotFound: 3,
  accessDenied: 5,
  sharingViolation: 32,
  notSupported: 50,
  invalidParameter: 87,
  semTimeout: 121,
  insufficientBuffer: 122,
  procNotFound: 127,
  moreData: 234,
  noMoreItems: 259,
  invalidImageHash: 577,
  serviceAlreadyRunning: 1056,
  serviceDisabled: 1058,
  serviceDoesNotExist: 1060,
  serviceNotActive: 1062,
  serviceMarkedForDelete: 1072,
  notFound: 1168,
  driverBlocked: 1275,
  revisionMismatch: 1306,
  noSystemResources: 1450,
  invalidUserBuffer: 1784,
} as const;

/** A failed call of Windows, with its code and the text for that. */
export class Win32Error extends Error {
  override readonly name = 'Win32Error';

  constructor(
    readonly call: string,
    readonly code: number,
    text: string,
  ) {
    super(`${text} (${call}, error ${code})`);
  }
}

/** Returns the result of `work`, or that of `instead` where Windows fails it with one of these codes. */
export function unlessWin32<Result, Other>(
  codes: readonly number[],
  work: () => Result,
  instead: (error: Win32Error) => Other,
): Result | Other {
  try {
    return work();
  } catch (error) {
    if (error instanceof Win32Error && codes.includes(error.code)) return instead(error);
    throw error;
  }
}

/** The result of a call; throws its error where that is 0 or false. */
export function must<Result extends number | boolean>(call: string, result: Result): Result {
  if (result) return result;
  throw failure(call);
}

/** The error of the call just made. */
export function failure(call: string): Win32Error {
  return win32Error(call, kernel32.GetLastError());
}

/** The error of a call, in the words of Windows, which are those of the machine's language. */
export function win32Error(call: string, code: number): Win32Error {
  const fromSystemWithoutInserts = 0x1200;
  const text = Buffer.alloc(2 * 512);
  const length = kernel32.FormatMessageW(fromSystemWithoutInserts, null, code, 0, text, text.length / 2, null);
  const words = text
    .toString('utf16le', 0, 2 * length)
    .replace(/\s+/gu, ' ')
    .replace(/[.\s]+$/u, '');
  return new Win32Error(call, code, words === '' ? 'Windows failed a call' : words);
}
