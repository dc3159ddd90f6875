/** The kind of an error, as a stable word; the command line maps each to an exit code, PowerShell to a category. */
export type NetFlowErrorCode =
  /** The machine lacks something the driver needs, or refused it. */
  | 'DRIVER_UNAVAILABLE'
  /** The driver is not running, and may not be started by this call. */
  | 'DRIVER_NOT_RUNNING'
  /** A driver of another version is running. */
  | 'DRIVER_MISMATCH'
  /** The caller is not an administrator. */
  | 'NOT_PERMITTED'
  /** A value from outside is not one that the call accepts. */
  | 'INVALID_ARGUMENT'
  /** There is no such process or rule. */
  | 'NOT_FOUND'
  /** Anything else; `cause` says more. */
  | 'FAILED';

/** The only error NetFlow throws on purpose. The message is one line: what, why, and what to do. */
export class NetFlowError extends Error {
  override readonly name = 'NetFlowError';

  constructor(
    readonly code: NetFlowErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
