import koffi, { type LibraryHandle } from 'koffi';
import { Win32Error } from './win32-error.js';

let loaded: ReturnType<typeof declareCalls> | undefined;

/**
 * What NetFlow needs of kernel32.dll and Node does not offer. A handle is a number; a call that fails throws Win32Error
 * with what GetLastError() gives.
 */
export function loadKernel32(): Kernel32 {
  loaded ??= declareCalls();
  return loaded;
}

export type Kernel32 = ReturnType<typeof declareCalls>;

/** Of CreateFileW. */
export const access = { read: 0x8000_0000, write: 0x4000_0000 } as const;
export const share = { none: 0, readWrite: 3 } as const;
export const disposition = { createAlways: 2, openExisting: 3 } as const;
export const deleteOnClose = 0x0400_0000;

const invalidHandle = -1;

function declareCalls() {
  const library = koffi.load('kernel32.dll');
  const getLastError = library.func('uint32_t __stdcall GetLastError()');
  const createFile = library.func(
    'intptr_t __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, intptr_t template)',
  );
  const closeHandle = library.func('bool __stdcall CloseHandle(intptr_t handle)');
  const deviceIoControl = library.func(
    'bool __stdcall DeviceIoControl(intptr_t device, uint32_t code, const void *input, uint32_t input_bytes, void *output, uint32_t output_bytes, _Out_ uint32_t *written, void *overlapped)',
  );
  const lastError = (): number => getLastError() as number;
  const check = <Result>(call: string, result: Result, failed: Result): Result => {
    if (result === failed) throw win32Error(call, lastError());
    return result;
  };

  return {
    ...driveCalls(library),
    /** Of the call just made. */
    lastError,
    createFile(name: string, accessMask: number, sharing: number, how: number, flags = 0): number {
      return check('CreateFileW', createFile(name, accessMask, sharing, null, how, flags, 0) as number, invalidHandle);
    },
    closeHandle(handle: number): void {
      closeHandle(handle);
    },
    /** How many bytes of `output` were written. */
    deviceIoControl(device: number, code: number, input: Buffer | null, output: Buffer | null): number {
      const written = [0];
      const [inputBytes, outputBytes] = [input?.length ?? 0, output?.length ?? 0];
      const done = deviceIoControl(device, code, input, inputBytes, output, outputBytes, written, null) as boolean;
      check('DeviceIoControl', done, false);
      return written[0] ?? 0;
    },
  };
}

function driveCalls(library: LibraryHandle) {
  const getLogicalDrives = library.func('uint32_t __stdcall GetLogicalDrives()');
  const queryDosDevice = library.func(
    'uint32_t __stdcall QueryDosDeviceW(str16 name, void *target, uint32_t characters)',
  );

  return {
    /** What each drive letter (`C:`) stands for: `\Device\HarddiskVolume1`. */
    drives(): [string, string][] {
      const letters = getLogicalDrives() as number;
      const target = Buffer.alloc(2 * 1024);
      const targetOf = (drive: string): string | null =>
        (queryDosDevice(drive, target, target.length / 2) as number) > 0 ? firstText(target) : null;
      const drives: [string, string][] = [];
      for (let index = 0; index < 26; index++) {
        if ((letters & (1 << index)) === 0) continue;
        const drive = `${String.fromCharCode(65 + index)}:`;
        const device = targetOf(drive);
        if (device !== null) drives.push([drive, device]);
      }
      return drives;
    },
  };
}

/** Wide characters up to the first NUL. */
function firstText(buffer: Buffer): string {
  const text = buffer.toString('utf16le');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

let formatMessage: ((...values: unknown[]) => unknown) | undefined;

/** The error of a call, in the words of Windows, which are those of the machine's language. */
export function win32Error(call: string, code: number): Win32Error {
  const fromSystemWithoutInserts = 0x1200;
  formatMessage ??= koffi
    .load('kernel32.dll')
    .func(
      'uint32_t __stdcall FormatMessageW(uint32_t flags, void *source, uint32_t code, uint32_t language, void *text, uint32_t characters, void *values)',
    );
  const text = Buffer.alloc(2 * 512);
  const length = formatMessage(fromSystemWithoutInserts, null, code, 0, text, text.length / 2, null) as number;
  const words = text
    .toString('utf16le', 0, 2 * length)
    .replace(/\s+/gu, ' ')
    .replace(/[.\s]+$/u, '');
  return new Win32Error(call, code, words === '' ? 'Windows failed a call' : words);
}
