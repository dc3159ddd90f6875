import koffi from 'koffi';
import { win32Error } from './kernel32.js';
import { win32 } from './win32-error.js';

/** One value of the registry below HKEY_LOCAL_MACHINE, in binary. */
export interface BinaryValue {
  key: string;
  name: string;
}

const localMachine = 0x8000_0002;
const binary = 3;
const binaryOnly = 0x8; // RRF_RT_REG_BINARY
const setValue = 0x2;

let loaded: ReturnType<typeof declareCalls> | undefined;

/** Null where there is no such value. */
export function readBinary({ key, name }: BinaryValue): Buffer | null {
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

/** Makes the key where it is not there. The registry writes a value whole or not at all. */
export function writeBinary({ key, name }: BinaryValue, data: Buffer): void {
  loaded ??= declareCalls();
  const handle = [0];
  const created = loaded.createKey(localMachine, key, 0, null, 0, setValue, null, handle, null) as number;
  if (created !== win32.success) throw win32Error('RegCreateKeyExW', created);
  const code = loaded.setValue(handle[0], name, 0, binary, data, data.length) as number;
  loaded.closeKey(handle[0]);
  if (code !== win32.success) throw win32Error('RegSetValueExW', code);
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
    closeKey: library.func('uint32_t __stdcall RegCloseKey(intptr_t key)'),
  };
}
