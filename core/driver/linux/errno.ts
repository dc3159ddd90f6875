import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** What an error number means, in words: `operation not permitted`. */
export function describeErrno(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}

export const errorNumbers = constants.errno;
