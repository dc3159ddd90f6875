import koffi from 'koffi';
import { win32Error } from './kernel32.js';
import { win32 } from './win32-error.js';

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
const queryValue = 0x1;
const setValue = 0x2;
/** What the registry allows a value's name to have, in characters; and more bytes than a limit takes. */
const longestName = 16_384;
const longestText = 4096;

let loaded: ReturnType<typeof declareCalls> | undefined;

/** Null where there is no such value. */
export function readBinary({ key, name }: Value): Buffer | null {
  loaded ??= declareCalls();
  for (let room = 64 * 1024; ; room *= 2) {
    const data = Buffer.alloc(room);
    const bytes = [room];
    const code = loaded.getValue(localMachine, key, name, binaryOnly, null, data, bytes) as number;
    if (code === win32.success) return data.subarray(0, bytes[0]);
    if (code === win32.fileNotFound) return null;
    if (code !== win32.moreData) throw win32Error('RegGetValueW', code);
  }
}

/** A DWORD; null where there is no such value. */
export function readNumber({ key, name }: Value): number | null {
  loaded ??= declareCalls();
  const data = Buffer.alloc(4);
  const code = loaded.getValue(localMachine, key, name, numberOnly, null, data, [data.length]) as number;
  if (code === win32.success) return data.readUInt32LE();
  if (code === win32.fileNotFound) return null;
  throw win32Error('RegGetValueW', code);
}

/** Makes the key where it is not there. The registry writes a value whole or not at all. */
export function writeBinary({ key, name }: Value, data: Buffer): void {
  loaded ??= declareCalls();
  const handle = [0];
  const created = loaded.createKey(localMachine, key, 0, null, 0, setValue, null, handle, null) as number;
  if (created !== win32.success) throw win32Error('RegCreateKeyExW', created);
  const code = loaded.setValue(handle[0], name, 0, binary, data, data.length) as number;
  loaded.closeKey(handle[0]);
  if (code !== win32.success) throw win32Error('RegSetValueExW', code);
}

/** The names and texts of a key's values; null where there is no such key. Values that are no texts are left out. */
export function readTexts(key: string): [string, string][] | null {
  loaded ??= declareCalls();
  const handle = [0];
  const opened = loaded.openKey(localMachine, key, 0, queryValue, handle) as number;
  if (opened === win32.fileNotFound) return null;
  if (opened !== win32.success) throw win32Error('RegOpenKeyExW', opened);
  try {
    return [...textsOf(handle[0] ?? 0, loaded.enumValue)];
  } finally {
    loaded.closeKey(handle[0]);
  }
}

function* textsOf(
  handle: number,
  enumValue: ReturnType<typeof declareCalls>['enumValue'],
): Generator<[string, string]> {
  const [name, data] = [Buffer.alloc(2 * longestName), Buffer.alloc(longestText)];
  for (let index = 0; ; index++) {
    const [characters, type, bytes] = [[longestName], [0], [longestText]];
    const code = enumValue(handle, index, name, characters, null, type, data, bytes) as number;
    if (code === win32.noMoreItems) return;
    if (code !== win32.success) throw win32Error('RegEnumValueW', code);
    if (type[0] !== text) continue;
    const end = 2 * (characters[0] ?? 0);
    yield [name.toString('utf16le', 0, end), data.toString('utf16le', 0, bytes[0]).replace(/\0+$/u, '')];
  }
}

function declareCalls() {
  const library = koffi.load('advapi32.dll');
  return {
    getValue: library.func(
      'uint32_t __stdcall RegGetValueW(intptr_t key, str16 sub_key, str16 name, uint32_t flags, void *type, void *data, _Inout_ uint32_t *bytes)',
    ),
    createKey: library.func(
      'uint32_t __stdcall RegCreateKeyExW(intptr_t key, str16 sub_key, uint32_t reserved, void *class, uint32_t options, uint32_t access, void *security, _Out_ intptr_t *result, void *disposition)',
    ),
    setValue: library.func(
      'uint32_t __stdcall RegSetValueExW(intptr_t key, str16 name, uint32_t reserved, uint32_t type, const void *data, uint32_t bytes)',
    ),
    openKey: library.func(
      'uint32_t __stdcall RegOpenKeyExW(intptr_t key, str16 sub_key, uint32_t options, uint32_t access, _Out_ intptr_t *result)',
    ),
    enumValue: library.func(
      'uint32_t __stdcall RegEnumValueW(intptr_t key, uint32_t index, void *name, _Inout_ uint32_t *name_characters, void *reserved, _Out_ uint32_t *type, void *data, _Inout_ uint32_t *bytes)',
    ),
    closeKey: library.func('uint32_t __stdcall RegCloseKey(intptr_t key)'),
  };
}
