import { NetFlowError, type NetFlowErrorCode } from '../../core/index.js';
import { printable } from './text.js';

/** A command line that says something NetFlow doesn't take; `command` is whose help page tells more. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly command = '',
  ) {
    super(message);
  }
}

/** The reader of standard output has gone; nothing is wrong, and nobody is left to write to. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

const exitCodes: Record<NetFlowErrorCode, number> = {
  FAILED: 1,
  INVALID_ARGUMENT: 2,
  DRIVER_UNAVAILABLE: 3,
  DRIVER_NOT_RUNNING: 3,
  DRIVER_MISMATCH: 3,
  NOT_PERMITTED: 4,
  NOT_FOUND: 5,
};

/** The exit code that scripts tell errors apart by. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return 0;
  if (error instanceof UsageError) return 2;
  return error instanceof NetFlowError ? exitCodes[error.code] : 1;
}

/** Sets the exit code and says on standard error what went wrong: one line, with a stack trace where NETFLOW_DEBUG is 1. */
export function reportError(error: unknown): void {
  if (error instanceof OutputClosed) return; // what was to end with another code still does
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`netflow: ${describeError(error)}\n`);
  if (process.env['NETFLOW_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${traceOf(error)}\n`);
}

/** The one line. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = printable(message.replace(/\s*\n\s*/g, ' ').trim());
  if (!(error instanceof UsageError)) return line;
  return `${line}; see netflow ${error.command === '' ? '' : `${error.command} `}--help`;
}

function traceOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${traceOf(error.cause)}` : own;
}
