import { declareDll, type Out } from './dll.js';

/** Handles are numbers; a call of the registry returns a code of `win32`. */
interface Advapi32 {
  ChangeServiceConfigW(
    service: number,
    type: number,
    start: number,
    errorControl: number,
    path: null,
    group: null,
    tag: null,
    dependencies: null,
    account: null,
    password: null,
    displayName: null,
  ): boolean;
  CloseServiceHandle(handle: number): boolean;
  ControlService(service: number, control: number, status: Buffer): boolean;
  CreateServiceW(
    manager: number,
    name: string,
    displayName: string,
    access: number,
    type: number,
    start: number,
    errorControl: number,
    path: string,
    group: string,
    tag: null,
    dependencies: Buffer,
    account: null,
    password: null,
  ): number;
  DeleteService(service: number): boolean;
  EnumServicesStatusExW(
    manager: number,
    level: number,
    types: number,
    states: number,
    entries: Buffer,
    bytes: number,
    needed: Out<number>,
    count: Out<number>,
    resume: Out<number>,
    group: null,
  ): boolean;
  GetTokenInformation(token: number, kind: number, information: Buffer, bytes: number, needed: Out<number>): boolean;
  LookupAccountSidW(
    system: null,
    sid: Buffer,
    name: Buffer,
    nameCharacters: Out<number>,
    domain: Buffer,
    domainCharacters: Out<number>,
    use: Out<number>,
  ): boolean;
  OpenProcessToken(process: number, access: number, token: Out<number>): boolean;
  OpenSCManagerW(machine: null, database: null, access: number): number;
  OpenServiceW(manager: number, name: string, access: number): number;
  QueryServiceStatus(service: number, status: Buffer): boolean;
  RegCloseKey(key: number): number;
  RegCreateKeyExW(
    key: number,
    subKey: string,
    reserved: number,
    kind: null,
    options: number,
    access: number,
    security: null,
    result: Out<number>,
    disposition: null,
  ): number;
  RegEnumValueW(
    key: number,
    index: number,
    name: Buffer,
    nameCharacters: Out<number>,
    reserved: null,
    type: Out<number>,
    data: Buffer,
    bytes: Out<number>,
  ): number;
  RegGetValueW(
    key: number,
    subKey: string,
    name: string,
    flags: number,
    type: null,
    data: Buffer,
    bytes: Out<number>,
  ): number;
  RegOpenKeyExW(key: number, subKey: string, options: number, access: number, result: Out<number>): number;
  RegSetValueExW(key: number, name: string, reserved: number, type: number, data: Buffer, bytes: number): number;
  StartServiceW(service: number, count: number, parameters: null): boolean;
}

export const advapi32 = declareDll<Advapi32>('advapi32.dll', {
  ChangeServiceConfigW: [
    'bool',
    'intptr_t service, uint32_t type, uint32_t start, uint32_t error_control, str16 path, str16 group, void *tag, const void *dependencies, str16 account, str16 password, str16 display_name',
  ],
  CloseServiceHandle: ['bool', 'intptr_t handle'],
  ControlService: ['bool', 'intptr_t service, uint32_t control, void *status'],
  CreateServiceW: [
    'intptr_t',
    'intptr_t manager, str16 name, str16 display_name, uint32_t access, uint32_t type, uint32_t start, uint32_t error_control, str16 path, str16 group, void *tag, const void *dependencies, str16 account, str16 password',
  ],
  DeleteService: ['bool', 'intptr_t service'],
  EnumServicesStatusExW: [
    'bool',
    'intptr_t manager, int level, uint32_t types, uint32_t states, void *entries, uint32_t bytes, _Out_ uint32_t *needed, _Out_ uint32_t *count, _Inout_ uint32_t *resume, str16 group',
  ],
  GetTokenInformation: ['bool', 'intptr_t token, int kind, void *information, uint32_t bytes, _Out_ uint32_t *needed'],
  LookupAccountSidW: [
    'bool',
    'str16 system, const void *sid, void *name, _Inout_ uint32_t *name_characters, void *domain, _Inout_ uint32_t *domain_characters, _Out_ uint32_t *use',
  ],
  OpenProcessToken: ['bool', 'intptr_t process, uint32_t access, _Out_ intptr_t *token'],
  OpenSCManagerW: ['intptr_t', 'str16 machine, str16 database, uint32_t access'],
  OpenServiceW: ['intptr_t', 'intptr_t manager, str16 name, uint32_t access'],
  QueryServiceStatus: ['bool', 'intptr_t service, void *status'],
  RegCloseKey: ['uint32_t', 'intptr_t key'],
  RegCreateKeyExW: [
    'uint32_t',
    'intptr_t key, str16 sub_key, uint32_t reserved, void *class, uint32_t options, uint32_t access, void *security, _Out_ intptr_t *result, void *disposition',
  ],
  RegEnumValueW: [
    'uint32_t',
    'intptr_t key, uint32_t index, void *name, _Inout_ uint32_t *name_characters, void *reserved, _Out_ uint32_t *type, void *data, _Inout_ uint32_t *bytes',
  ],
  RegGetValueW: [
    'uint32_t',
    'intptr_t key, str16 sub_key, str16 name, uint32_t flags, void *type, void *data, _Inout_ uint32_t *bytes',
  ],
  RegOpenKeyExW: ['uint32_t', 'intptr_t key, str16 sub_key, uint32_t options, uint32_t access, _Out_ intptr_t *result'],
  RegSetValueExW: [
    'uint32_t',
    'intptr_t key, str16 name, uint32_t reserved, uint32_t type, const void *data, uint32_t bytes',
  ],
  StartServiceW: ['bool', 'intptr_t service, uint32_t count, void *parameters'],
});
