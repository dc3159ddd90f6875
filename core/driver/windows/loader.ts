import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { NetFlowError } from '../../errors.js';
import { Device, notPermitted } from './device.js';
import { imagePath, installedFile, packagedFile } from './paths.js';
import { service, serviceState, startType, type StartType } from './service.js';
import { unlessWin32, win32, Win32Error } from './win32-error.js';

/** Milliseconds. */
const pause = 50;
const patience = 30_000;

/**
 * Puts the driver where Windows loads drivers from, makes or keeps its service, and has it loaded. The service stays
 * when the driver is stopped: its key holds the saved rules. The caller has the lock, as for all here.
 */
export function loadDriver(start: StartType): void {
  explained(() => {
    if (service.state() === null) service.create(start);
    else if (start === startType.withSystem) service.setStartType(start);
    if (Device.isThere()) return;
    if (runsInstalledFile()) placeFile();
    unlessWin32(
      [win32.serviceAlreadyRunning],
      () => service.start(),
      () => null,
    );
  });
}

/** Returns when the driver is gone. */
export async function unloadDriver(): Promise<void> {
  explained(() => service.stop());
  const deadline = Date.now() + patience;
  for (;;) {
    const state = service.state();
    if (state === null || state === serviceState.stopped) return;
    if (Date.now() > deadline) {
      throw new NetFlowError(
        'FAILED',
        'The driver is stopping, but a program still uses it: end that program, then stop the driver again.',
      );
    }
    await setTimeout(pause);
  }
}

/** Removes the driver's service, its saved rules with it, and its file. */
export async function removeDriver(): Promise<void> {
  await unloadDriver();
  explained(() => service.remove());
  // Windows may keep the file open for a moment longer; only a recursive removal tries again.
  rmSync(installedFile(), { force: true, recursive: true, maxRetries: 20, retryDelay: pause });
}

/** The service of an INF runs a file of Windows' driver store, which stays as it is. */
function runsInstalledFile(): boolean {
  return service.file()?.toLowerCase() === imagePath.toLowerCase();
}

/** Copies under another name first, so that the machine's next start finds the old file or the new one, whole. */
function placeFile(): void {
  if (existsSync(installedFile()) && readFileSync(installedFile()).equals(readFileSync(packagedFile()))) return;
  const draft = `${installedFile()}.new`;
  try {
    copyFileSync(packagedFile(), draft);
    renameSync(draft, installedFile());
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new NetFlowError('FAILED', `The driver can't be copied to ${installedFile()}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function explained(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    throw reasons[error.code]?.(error) ?? unavailable(error.message)(error);
  }
}

const anotherWindows =
  'its file is for another version of Windows: netflow.sys is the one for Windows 10 and later, netflow7.sys for Windows 7 to 8.1';

const reasons: Partial<Record<number, (cause: Win32Error) => NetFlowError>> = {
  [win32.accessDenied]: notPermitted,
  [win32.invalidImageHash]: unavailable(
    'Windows does not trust its signature: use a signed driver, or, to try it out, turn Secure Boot off, run `bcdedit /set testsigning on` and start the machine again',
  ),
  [win32.notSupported]: unavailable(anotherWindows),
  [win32.procNotFound]: unavailable(anotherWindows),
  [win32.driverBlocked]: unavailable('Windows blocks it: look for it in the event log, under Code Integrity'),
  [win32.serviceDisabled]: unavailable('its service is disabled: run `sc config NetFlow start= demand`'),
  [win32.serviceMarkedForDelete]: unavailable(
    'its service is about to be deleted: close the list of services and the like, or start the machine again',
  ),
};

function unavailable(why: string): (cause: Win32Error) => NetFlowError {
  return (cause) => new NetFlowError('DRIVER_UNAVAILABLE', `The driver can't be loaded or removed: ${why}.`, { cause });
}
