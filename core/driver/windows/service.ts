import koffi from 'koffi';
import { advapi32 } from './advapi32.js';
import { imagePath, serviceKey, serviceName } from './paths.js';
import { readText } from './registry.js';
import { must, unlessWin32, win32 } from './win32-error.js';

/** When Windows starts a driver. */
export const startType = { withSystem: 1, onDemand: 3 } as const;
export type StartType = (typeof startType)[keyof typeof startType];

/** SERVICE_STOPPED and so on. */
export const serviceState = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;

/**
 * The driver's entry in the service manager's list. Every call opens and closes it; a call that fails throws
 * Win32Error.
 */
export const service = {
  /** Returns one of `serviceState`; null where there is no such service. */
  state(name: string = serviceName): number | null {
    return withService(name, access.queryStatus, (handle) => readState(handle));
  },

  /** The file that it runs: an INF's is in Windows' driver store. Null where there is no such service. */
  file(): string | null {
    return readText({ key: serviceKey, name: 'ImagePath' });
  },

  /** Makes it with the settings that driver/windows/wfp/netflow.inf has. */
  create(start: StartType): void {
    withManager((manager) => {
      const dependencies = Buffer.from('Tcpip\0\0', 'utf16le'); // a list
      const handle = must(
        'CreateServiceW',
        advapi32.CreateServiceW(
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
        ),
      );
      advapi32.CloseServiceHandle(handle);
    });
  },

  /** Changes when Windows starts it, and nothing else. */
  setStartType(start: StartType): void {
    const same = 0xffff_ffff;
    withService(serviceName, access.all, (handle) => {
      must(
        'ChangeServiceConfigW',
        advapi32.ChangeServiceConfigW(handle, same, start, same, null, null, null, null, null, null, null),
      );
    });
  },

  /** Returns when the driver has been loaded. */
  start(): void {
    withService(serviceName, access.all, (handle) => {
      must('StartServiceW', advapi32.StartServiceW(handle, 0, null));
    });
  },

  /** The driver may still be on its way out when this returns. Does nothing where it does not run. */
  stop(): void {
    const stop = 1;
    unlessWin32(
      [win32.serviceNotActive],
      () =>
        withService(serviceName, access.all, (handle) => {
          must('ControlService', advapi32.ControlService(handle, stop, Buffer.alloc(statusBytes)));
        }),
      () => null,
    );
  },

  /** Does nothing where there is none. */
  remove(): void {
    withService(serviceName, access.all, (handle) => {
      must('DeleteService', advapi32.DeleteService(handle));
    });
  },
};

/** Returns the names of the services that run, with the process of each. */
export function readRunningServices(): { name: string; processId: number }[] {
  return withManager((manager) => [...enumerate(manager)], managerAccess.list);
}

const kernelDriver = 1;
const errorNormal = 1;
const statusBytes = 28;
const stateOffset = 4;
const access = { queryStatus: 0x0004, all: 0xf01ff } as const;
const managerAccess = { change: 0x0001 | 0x0002, list: 0x0001 | 0x0004 } as const;

function readState(handle: number): number {
  const status = Buffer.alloc(statusBytes);
  must('QueryServiceStatus', advapi32.QueryServiceStatus(handle, status));
  return status.readUInt32LE(stateOffset);
}

function withManager<Result>(use: (manager: number) => Result, rights: number = managerAccess.change): Result {
  const manager = must('OpenSCManagerW', advapi32.OpenSCManagerW(null, null, rights));
  try {
    return use(manager);
  } finally {
    advapi32.CloseServiceHandle(manager);
  }
}

/** Null where there is no such service. */
function withService<Result>(name: string, rights: number, use: (service: number) => Result): Result | null {
  return withManager((manager) => {
    const handle = unlessWin32(
      [win32.serviceDoesNotExist],
      () => must('OpenServiceW', advapi32.OpenServiceW(manager, name, rights)),
      () => null,
    );
    if (handle === null) return null;
    try {
      return use(handle);
    } finally {
      advapi32.CloseServiceHandle(handle);
    }
  });
}

/** A struct ENUM_SERVICE_STATUS_PROCESSW, whose first member is a pointer to the name. */
const entry = { size: 56, name: 0, processId: 44 } as const;

function* enumerate(manager: number): Generator<{ name: string; processId: number }> {
  const [processInformation, win32Services, active] = [0, 0x30, 1];
  const buffer = Buffer.alloc(mostOfAList);
  for (const resume = [0]; ;) {
    const [needed, count] = [[0], [0]];
    const isLast = unlessWin32(
      [win32.moreData],
      () =>
        must(
          'EnumServicesStatusExW',
          advapi32.EnumServicesStatusExW(
            manager,
            processInformation,
            win32Services,
            active,
            buffer,
            buffer.length,
            needed,
            count,
            resume,
            null,
          ),
        ),
      () => false,
    );
    for (let index = 0; index < (count[0] ?? 0); index++) {
      const offset = index * entry.size;
      const name = koffi.decode(buffer, offset + entry.name, 'str16') as string;
      yield { name, processId: buffer.readUInt32LE(offset + entry.processId) };
    }
    if (isLast) return;
  }
}

/** Bytes; more than this is refused. */
const mostOfAList = 256 * 1024;
