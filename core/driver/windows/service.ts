import koffi from 'koffi';
import { loadKernel32, win32Error } from './kernel32.js';
import { imagePath, serviceName } from './paths.js';
import { unlessWin32, win32 } from './win32-error.js';

/** When Windows starts a driver. */
export const startType = { withSystem: 1, onDemand: 3 } as const;
type StartType = (typeof startType)[keyof typeof startType];

/** SERVICE_STOPPED and so on. */
export const serviceState = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;

/** The driver's entry in the service manager's list. Every call opens and closes it; a call that fails throws Win32Error. */
export const service = {
  /** One of `serviceState`; null: there is none. */
  state(name: string = serviceName): number | null {
    return withService(name, access.queryStatus, (handle) => readState(handle));
  },

  /** Makes it, or changes when it is started. */
  create(start: StartType): void {
    withManager((manager) => {
      const { createService } = calls();
      const dependencies = Buffer.from('Tcpip\0\0', 'utf16le'); // a list
      const handle = createService(
        manager,
        serviceName,
        'NetFlow traffic accounting',
        access.all,
        kernelDriver,
        start,
        errorNormal,
        imagePath,
        'NDIS',
        null,
        dependencies,
        null,
        null,
      ) as number;
      if (handle === 0) throw lastError('CreateServiceW');
      calls().closeService(handle);
    });
  },

  setStartType(start: StartType): void {
    const same = 0xffff_ffff;
    withService(serviceName, access.all, (handle) => {
      const { changeConfig } = calls();
      if (!(changeConfig(handle, same, start, same, null, null, null, null, null, null, null) as boolean))
        throw lastError('ChangeServiceConfigW');
    });
  },

  /** Returns when the driver has been loaded. */
  start(): void {
    withService(serviceName, access.all, (handle) => {
      if (!(calls().startService(handle, 0, null) as boolean)) throw lastError('StartServiceW');
    });
  },

  /** The driver may still be on its way out when this returns. Does nothing where it does not run. */
  stop(): void {
    const stop = 1;
    unlessWin32(
      [win32.serviceNotActive],
      () =>
        withService(serviceName, access.all, (handle) => {
          if (!(calls().controlService(handle, stop, Buffer.alloc(statusBytes)) as boolean))
            throw lastError('ControlService');
        }),
      () => null,
    );
  },

  /** Does nothing where there is none. */
  remove(): void {
    withService(serviceName, access.all, (handle) => {
      if (!(calls().deleteService(handle) as boolean)) throw lastError('DeleteService');
    });
  },
};

const kernelDriver = 1;
const errorNormal = 1;
const statusBytes = 28;
const stateOffset = 4;
const access = { queryStatus: 0x0004, all: 0xf01ff } as const;
const managerAccess = 0x0001 | 0x0002; // connect, create

function readState(handle: number): number {
  const status = Buffer.alloc(statusBytes);
  if (!(calls().queryStatus(handle, status) as boolean)) throw lastError('QueryServiceStatus');
  return status.readUInt32LE(stateOffset);
}

function withManager<Result>(use: (manager: number) => Result): Result {
  const manager = calls().openManager(null, null, managerAccess) as number;
  if (manager === 0) throw lastError('OpenSCManagerW');
  try {
    return use(manager);
  } finally {
    calls().closeService(manager);
  }
}

/** Null where there is no such service. */
function withService<Result>(name: string, rights: number, use: (service: number) => Result): Result | null {
  return withManager((manager) => {
    const handle = unlessWin32(
      [win32.serviceDoesNotExist],
      () => openService(manager, name, rights),
      () => null,
    );
    if (handle === null) return null;
    try {
      return use(handle);
    } finally {
      calls().closeService(handle);
    }
  });
}

function openService(manager: number, name: string, rights: number): number {
  const handle = calls().openService(manager, name, rights) as number;
  if (handle === 0) throw lastError('OpenServiceW');
  return handle;
}

function lastError(call: string): Error {
  return win32Error(call, loadKernel32().lastError());
}

let loaded: ReturnType<typeof declareCalls> | undefined;

function calls() {
  loaded ??= declareCalls();
  return loaded;
}

function declareCalls() {
  const library = koffi.load('advapi32.dll');
  return {
    openManager: library.func('intptr_t __stdcall OpenSCManagerW(str16 machine, str16 database, uint32_t access)'),
    openService: library.func('intptr_t __stdcall OpenServiceW(intptr_t manager, str16 name, uint32_t access)'),
    closeService: library.func('bool __stdcall CloseServiceHandle(intptr_t handle)'),
    createService: library.func(
      'intptr_t __stdcall CreateServiceW(intptr_t manager, str16 name, str16 display_name, uint32_t access, uint32_t type, uint32_t start, uint32_t error_control, str16 path, str16 group, void *tag, const void *dependencies, str16 account, str16 password)',
    ),
    changeConfig: library.func(
      'bool __stdcall ChangeServiceConfigW(intptr_t service, uint32_t type, uint32_t start, uint32_t error_control, str16 path, str16 group, void *tag, const void *dependencies, str16 account, str16 password, str16 display_name)',
    ),
    startService: library.func('bool __stdcall StartServiceW(intptr_t service, uint32_t count, void *arguments)'),
    controlService: library.func('bool __stdcall ControlService(intptr_t service, uint32_t control, void *status)'),
    queryStatus: library.func('bool __stdcall QueryServiceStatus(intptr_t service, void *status)'),
    deleteService: library.func('bool __stdcall DeleteService(intptr_t service)'),
  };
}
