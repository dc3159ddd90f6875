import { kernel32 } from './kernel32.js';
import { failure, must } from './win32-error.js';

/** Values of CreateFileW's parameters. */
export const access = { read: 0x8000_0000, write: 0x4000_0000 } as const;
export const share = { none: 0, readWrite: 3 } as const;
export const disposition = { createAlways: 2, openExisting: 3 } as const;
export const deleteOnClose = 0x0400_0000;

const invalidHandle = -1;

/** Opens a file or a device; returns its handle, or throws Win32Error. */
export function openFile(name: string, rights: number, sharing: number, how: number, flags = 0): number {
  const handle = kernel32.CreateFileW(name, rights, sharing, null, how, flags, 0);
  if (handle === invalidHandle) throw failure('CreateFileW');
  return handle;
}

/** Sends a request to a device; returns how many bytes of `output` were written, or throws Win32Error. */
export function controlDevice(device: number, code: number, input: Buffer | null, output: Buffer | null): number {
  const written = [0];
  const [inputBytes, outputBytes] = [input?.length ?? 0, output?.length ?? 0];
  must(
    'DeviceIoControl',
    kernel32.DeviceIoControl(device, code, input, inputBytes, output, outputBytes, written, null),
  );
  return written[0] ?? 0;
}
