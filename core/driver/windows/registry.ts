import { advapi32 } from './advapi32.js';
import { win32, win32Error } from './win32-error.js';

/** Where a value of the registry is, below HKEY_LOCAL_MACHINE. */
export interface Value {
  key: string;
  name: string;
}

const localMachine = 0x8000_0002;
const text = 1;
const binary = 3;
const binaryOnly = 0x8; // RRF_RT_REG_BINARY
const numberOnly = 0x10; // RRF_RT_REG_DWORD
const textAsItIs = 0x1000_0006; // RRF_RT_REG_SZ, RRF_RT_REG_EXPAND_SZ, RRF_NOEXPAND
const queryValue = 0x1;
const setValue = 0x2;
/** In characters, as the registry allows a value's name; and in bytes, more than a limit's text needs. */
const longestName = 16_384;
const longestText = 4096;

/** Null where there is no such value. */
export function readBinary({ key, name }: Value): Buffer | null {
  for (let room = 64 * 1024; ; room *= 2) {
    const data = Buffer.alloc(room);
    const bytes = [room];
    const code = advapi32.RegGetValueW(localMachine, key, name, binaryOnly, null, data, bytes);
    if (code === win32.success) return data.subarray(0, bytes[0]);
    if (code === win32.fileNotFound) return null;
    if (code !== win32.moreData) throw win32Error('RegGetValueW', code);
  }
}

/** A DWORD; null where there is no such value. */
export function readNumber({ key, name }: Value): number | null {
  const data = Buffer.alloc(4);
  const code = advapi32.RegGetValueW(localMachine, key, name, numberOnly, null, data, [data.length]);
  if (code === win32.success) return data.readUInt32LE();
  if (code === win32.fileNotFound) return null;
  throw win32Error('RegGetValueW', code);
}

/** A text, whose variables stay as they are; null where there is no such value. */
export function readText({ key, name }: Value): string | null {
  const data = Buffer.alloc(2 * longestName);
  const bytes = [data.length];
  const code = advapi32.RegGetValueW(localMachine, key, name, textAsItIs, null, data, bytes);
  if (code === win32.success) return textOf(data, bytes[0]);
  if (code === win32.fileNotFound) return null;
  throw win32Error('RegGetValueW', code);
}

function textOf(data: Buffer, bytes: number | undefined): string {
  return data.toString('utf16le', 0, bytes).replace(/\0+$/u, '');
}

/** Makes the key if it is missing. The registry writes a value whole or not at all. */
export function writeBinary({ key, name }: Value, data: Buffer): void {
  const handle = [0];
  const created = advapi32.RegCreateKeyExW(localMachine, key, 0, null, 0, setValue, null, handle, null);
  if (created !== win32.success) throw win32Error('RegCreateKeyExW', created);
  const code = advapi32.RegSetValueExW(handle[0] ?? 0, name, 0, binary, data, data.length);
  advapi32.RegCloseKey(handle[0] ?? 0);
  if (code !== win32.success) throw win32Error('RegSetValueExW', code);
}

/** The names and texts of a key's values; null where there is no such key. Leaves out values of other types. */
export function readTexts(key: string): [string, string][] | null {
  const handle = [0];
  const opened = advapi32.RegOpenKeyExW(localMachine, key, 0, queryValue, handle);
  if (opened === win32.fileNotFound) return null;
  if (opened !== win32.success) throw win32Error('RegOpenKeyExW', opened);
  try {
    return [...textsOf(handle[0] ?? 0)];
  } finally {
    advapi32.RegCloseKey(handle[0] ?? 0);
  }
}

function* textsOf(handle: number): Generator<[string, string]> {
  const [name, data] = [Buffer.alloc(2 * longestName), Buffer.alloc(longestText)];
  for (let index = 0; ; index++) {
    const [characters, type, bytes] = [[longestName], [0], [longestText]];
    const code = advapi32.RegEnumValueW(handle, index, name, characters, null, type, data, bytes);
    if (code === win32.noMoreItems) return;
    if (code !== win32.success) throw win32Error('RegEnumValueW', code);
    if (type[0] !== text) continue;
    const end = 2 * (characters[0] ?? 0);
    yield [name.toString('utf16le', 0, end), textOf(data, bytes[0])];
  }
}
