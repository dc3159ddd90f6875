/** Codes of GetLastError(), by the names that winerror.h has for them. */
export const win32 = {
  success: 0,
  invalidFunction: 1,
  fileNotFound: 2,
  pathNotFound: 3,
  accessDenied: 5,
  sharingViolation: 32,
  invalidParameter: 87,
  insufficientBuffer: 122,
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

/** A call of Windows that failed, and what it says of that. */
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

/** What `work` gives, or `instead` where Windows fails it with one of these codes. */
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
