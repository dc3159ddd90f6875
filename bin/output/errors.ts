import { NetFlowError, type NetFlowErrorCode } from '../../core/index.js';
import { printable } from './text.js';

/** A command line that NetFlow doesn't understand; `command` is the one whose help page to see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly command = '',
  ) {
    super(message);
  }
}

/** A command that was to be run, and could not be. */
export class NotRun extends Error {
  override readonly name = 'NotRun';

  constructor(
    message: string,
    readonly exitCode: number,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The reader of standard output has closed it, which is no failure: the command just ends. */
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

/** Returns the exit code, by which scripts distinguish errors. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return 0;
  if (error instanceof UsageError) return 2;
  if (error instanceof NotRun) return error.exitCode;
  return error instanceof NetFlowError ? exitCodes[error.code] : 1;
}

/** Sets the exit code, and writes one line to standard error, with a stack trace behind it if NETFLOW_DEBUG is 1. */
export function reportError(error: unknown): void {
  if (error instanceof OutputClosed) return; // keeps the exit code that the command has set already
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`netflow: ${describeError(error)}\n`);
  if (process.env['NETFLOW_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${traceOf(error)}\n`);
}

/** What core's errors ask for, in the words of the command line. */
const remedies: Partial<Record<NetFlowErrorCode, string>> = {
  DRIVER_NOT_RUNNING: 'netflow driver start',
  DRIVER_MISMATCH: 'netflow driver stop; netflow driver start',
};

/** Describes an error in one line. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = printable(message.replace(/\s*\n\s*/g, ' ').trim());
  const remedy = error instanceof NetFlowError ? remedies[error.code] : undefined;
  if (remedy !== undefined) return `${line.replace(/\.$/, '')} (${remedy})`;
  if (!(error instanceof UsageError)) return line;
  return `${line}; see netflow ${error.command === '' ? '' : `${error.command} `}--help`;
}

function traceOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${traceOf(error.cause)}` : own;
}
