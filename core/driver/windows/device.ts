import { NetFlowError } from '../../errors.js';
import { access, controlDevice, disposition, openFile, share } from './files.js';
import { kernel32 } from './kernel32.js';
import { unlessWin32, win32, Win32Error } from './win32-error.js';

const name = String.raw`\\.\NetFlow`;

/** The driver's device, open for requests (driver/protocol.h). */
export class Device implements Disposable {
  readonly #handle: number;

  private constructor(handle: number) {
    this.#handle = handle;
  }

  /** Throws DRIVER_NOT_RUNNING, or NOT_PERMITTED where the caller is not an administrator. */
  static open(): Device {
    try {
      const readWrite = access.read + access.write;
      return new Device(openFile(name, readWrite, share.readWrite, disposition.openExisting));
    } catch (error) {
      throw error instanceof Win32Error ? whyNotOpen(error) : error;
    }
  }

  /** Returns null where the device is not there, or the caller may not open it. */
  static openIfThere(): Device | null {
    try {
      return Device.open();
    } catch (error) {
      if (error instanceof NetFlowError) return null;
      throw error;
    }
  }

  static isThere(): boolean {
    using device = Device.openIfThere();
    return device !== null;
  }

  /** Returns all records that answer a query. */
  query(code: number): Buffer {
    const tooSmall = [win32.moreData, win32.insufficientBuffer];
    for (let bytes = roomFor.get(code) ?? leastRoom; bytes <= mostRoom; bytes *= 2) {
      const output = Buffer.allocUnsafe(bytes);
      const written = unlessWin32(
        tooSmall,
        () => this.#control(code, null, output),
        () => null,
      );
      if (written === null) continue;
      roomFor.set(code, bytes);
      return output.subarray(0, written);
    }
    throw new NetFlowError('FAILED', `The driver's reply is longer than ${mostRoom} bytes.`);
  }

  /** Sends a request that changes something. */
  change(code: number, input: Buffer): void {
    this.#control(code, input, null);
  }

  [Symbol.dispose](): void {
    kernel32.CloseHandle(this.#handle);
  }

  #control(code: number, input: Buffer | null, output: Buffer | null): number {
    return unlessWin32(
      Object.keys(refusals).map(Number),
      () => controlDevice(this.#handle, code, input, output),
      (error) => {
        throw refusals[error.code]?.(error) ?? error;
      },
    );
  }
}

/** Bytes. The system sets aside as much of its own memory while a query runs. */
const leastRoom = 64 * 1024;
const mostRoom = 256 * 1024 * 1024;

/** How much room each query needed the last time, and so most likely needs again. */
const roomFor = new Map<number, number>();

function whyNotOpen(cause: Win32Error): NetFlowError {
  if (cause.code === win32.fileNotFound || cause.code === win32.pathNotFound) {
    return new NetFlowError('DRIVER_NOT_RUNNING', 'The driver is not running: start it.', { cause });
  }
  if (cause.code === win32.accessDenied) return notPermitted(cause);
  return new NetFlowError('FAILED', `The driver's device can't be opened: ${cause.message}.`, { cause });
}

export function notPermitted(cause?: unknown): NetFlowError {
  return new NetFlowError(
    'NOT_PERMITTED',
    'Only an administrator may use the driver: run this in a shell that was started with "Run as administrator".',
    { cause },
  );
}

/** The errors for the driver's refusals, by the codes that Windows turns them into. */
const refusals: Partial<Record<number, (cause: Win32Error) => NetFlowError>> = {
  [win32.invalidFunction]: mismatch,
  [win32.revisionMismatch]: mismatch,
  [win32.notFound]: (cause) =>
    new NetFlowError('NOT_FOUND', 'There is no such process or rule: list the limits to see those there are.', {
      cause,
    }),
  [win32.semTimeout]: (cause) =>
    new NetFlowError(
      'FAILED',
      "The limits are saved, but not in force yet, as another program keeps Windows' filtering engine busy: they will be when it is done; if not, restart the service BFE.",
      { cause },
    ),
  [win32.noSystemResources]: (cause) =>
    new NetFlowError('FAILED', 'The driver has no room for that: there are too many rules, or too little memory.', {
      cause,
    }),
  [win32.invalidParameter]: (cause) =>
    new NetFlowError(
      'INVALID_ARGUMENT',
      'The driver refuses that: a rate or a path is invalid, or a path has two rules.',
      { cause },
    ),
};

function mismatch(cause: Win32Error): NetFlowError {
  return new NetFlowError(
    'DRIVER_MISMATCH',
    'The driver that runs is of another version: stop it, then start this one.',
    { cause },
  );
}
