import { declareDll, type Out } from './dll.js';

/** A handle is a number. */
interface Kernel32 {
  AssignProcessToJobObject(job: number, process: number): boolean;
  CloseHandle(handle: number): boolean;
  CreateFileW(
    name: string,
    access: number,
    share: number,
    security: null,
    disposition: number,
    flags: number,
    template: number,
  ): number;
  CreateIoCompletionPort(file: number, port: number, key: number, threads: number): number;
  CreateJobObjectW(security: null, name: null): number;
  DeviceIoControl(
    device: number,
    code: number,
    input: Buffer | null,
    inputBytes: number,
    output: Buffer | null,
    outputBytes: number,
    written: Out<number>,
    overlapped: null,
  ): boolean;
  FormatMessageW(
    flags: number,
    source: null,
    code: number,
    language: number,
    text: Buffer,
    characters: number,
    values: null,
  ): number;
  GetLastError(): number;
  GetLogicalDrives(): number;
  GetProcessTimes(
    process: number,
    creation: Out<number | bigint>,
    exit: Out<number | bigint>,
    kernel: Out<number | bigint>,
    user: Out<number | bigint>,
  ): boolean;
  GetQueuedCompletionStatus(
    port: number,
    message: Out<number>,
    key: Out<number | bigint>,
    processId: Out<number | bigint>,
    milliseconds: number,
  ): boolean;
  K32EnumProcesses(ids: Buffer, bytes: number, written: Out<number>): boolean;
  OpenProcess(access: number, inherit: boolean, processId: number): number;
  QueryDosDeviceW(name: string, target: Buffer, characters: number): number;
  QueryFullProcessImageNameW(process: number, flags: number, name: Buffer, characters: Out<number>): boolean;
  SetInformationJobObject(job: number, kind: number, information: Buffer, bytes: number): boolean;
}

export const kernel32 = declareDll<Kernel32>('kernel32.dll', {
  AssignProcessToJobObject: ['bool', 'intptr_t job, intptr_t process'],
  CloseHandle: ['bool', 'intptr_t handle'],
  CreateFileW: [
    'intptr_t',
    'str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, intptr_t template',
  ],
  CreateIoCompletionPort: ['intptr_t', 'intptr_t file, intptr_t port, uintptr_t key, uint32_t threads'],
  CreateJobObjectW: ['intptr_t', 'void *security, str16 name'],
  DeviceIoControl: [
    'bool',
    'intptr_t device, uint32_t code, const void *input, uint32_t input_bytes, void *output, uint32_t output_bytes, _Out_ uint32_t *written, void *overlapped',
  ],
  FormatMessageW: [
    'uint32_t',
    'uint32_t flags, void *source, uint32_t code, uint32_t language, void *text, uint32_t characters, void *values',
  ],
  GetLastError: ['uint32_t', ''],
  GetLogicalDrives: ['uint32_t', ''],
  GetProcessTimes: [
    'bool',
    'intptr_t process, _Out_ uint64_t *creation, _Out_ uint64_t *exit, _Out_ uint64_t *kernel, _Out_ uint64_t *user',
  ],
  GetQueuedCompletionStatus: [
    'bool',
    'intptr_t port, _Out_ uint32_t *message, _Out_ uintptr_t *key, _Out_ uintptr_t *process_id, uint32_t milliseconds',
  ],
  K32EnumProcesses: ['bool', 'void *ids, uint32_t bytes, _Out_ uint32_t *written'],
  OpenProcess: ['intptr_t', 'uint32_t access, bool inherit, uint32_t process_id'],
  QueryDosDeviceW: ['uint32_t', 'str16 name, void *target, uint32_t characters'],
  QueryFullProcessImageNameW: ['bool', 'intptr_t process, uint32_t flags, void *name, _Inout_ uint32_t *characters'],
  SetInformationJobObject: ['bool', 'intptr_t job, int kind, const void *information, uint32_t bytes'],
});
