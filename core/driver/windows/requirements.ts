import { existsSync } from 'node:fs';
import { release } from 'node:os';
import type { Requirement } from '../../records.js';
import { assertMet } from '../requirements.js';
import { notPermitted } from './device.js';
import { packagedFile } from './paths.js';
import { service, serviceState } from './service.js';
import { shell32 } from './shell32.js';

/** Everything the driver needs, each with what was found or how to get it. It only reads, and needs no rights. */
export function checkRequirements(): Requirement[] {
  return [checkAdministrator(), checkVersion(), checkArchitecture(), checkFile()];
}

/** The driver also starts without this service: it then counts nothing until the service runs. */
export function checkFilteringEngine(): Requirement {
  const ok = service.state('BFE') === serviceState.running;
  return {
    name: 'Base Filtering Engine',
    ok,
    detail: ok ? 'runs' : 'does not run: start the service BFE, without which nothing is counted',
  };
}

/** Throws NOT_PERMITTED or DRIVER_UNAVAILABLE, naming all that is missing. */
export function assertRequirements(): void {
  assertAdministrator();
  assertMet(checkRequirements());
}

export function assertAdministrator(): void {
  if (!checkAdministrator().ok) throw notPermitted();
}

function checkAdministrator(): Requirement {
  const ok = shell32.IsUserAnAdmin();
  return { name: 'administrator', ok, detail: ok ? 'yes' : 'run this in a shell started with "Run as administrator"' };
}

/** The driver would load on Windows 7, but Node.js 22 does not run there. */
function checkVersion(): Requirement {
  const version = release();
  const ok = Number.parseInt(version, 10) >= 10;
  return { name: 'Windows', ok, detail: ok ? version : `${version}: Windows 10 or later is needed` };
}

function checkArchitecture(): Requirement {
  const ok = process.arch === 'x64';
  return {
    name: 'processor',
    ok,
    detail: ok ? 'x64' : `Node.js runs as ${process.arch}: there is a driver for x64 only`,
  };
}

function checkFile(): Requirement {
  const ok = existsSync(packagedFile());
  return {
    name: 'driver file',
    ok,
    detail: ok ? packagedFile() : `no ${packagedFile()}: build the driver, or install NetFlow again`,
  };
}
