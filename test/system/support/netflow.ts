import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import {
  NetFlow,
  type Connection,
  type ConnectionFilter,
  type DriverStatus,
  type Measurement,
  type ProcessFilter,
  type ProcessTraffic,
} from '../../../core/index.js';
import { cleanUp, onCleanUp } from '../../support/cleanup.js';
import { run, runNow, start, type Outcome } from '../../support/commands.js';
import { isRoot, skipWithout } from '../../support/machine.js';
import { entry } from '../../support/paths.js';
import { buildClients } from './clients.js';

/** Runs a suite only as root. Before it the client programs are built, and `begin` is called, which starts the driver. */
export function asRoot(begin: (this: Context) => unknown = () => startDriver()): void {
  before(async function () {
    if (!isRoot()) skipWithout(this, 'only root may load a driver, limit, mount and make namespaces');
    buildClients();
    await begin.call(this);
  });
  after(cleanUp);
}

/** Runs the command line, and returns its output and exit code. */
export async function netflow(...args: readonly (string | number)[]): Promise<Outcome> {
  return await run(process.execPath, [entry, ...args.map(String)]);
}

/** Starts the command line and leaves it running. */
export function startNetflow(...args: readonly string[]): ReturnType<typeof start> {
  return start(process.execPath, [entry, ...args], { stdio: 'pipe' });
}

/** Reads by the library, in this process: to start the command line for each reading takes most of a test's time. */
export async function list(filter: ProcessFilter = {}): Promise<ProcessTraffic[]> {
  return await (await NetFlow.open()).list(filter);
}

export async function connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
  return await (await NetFlow.open()).connections(filter);
}

export async function driverStatus(): Promise<DriverStatus> {
  return await (await NetFlow.open()).driver.status();
}

export async function measure(...command: readonly (string | number)[]): Promise<Measurement> {
  return JSON.parse(await mustSucceed('measure', '--json', '--', ...command)) as Measurement;
}

let stopsAtCleanUp = false;
let isShared = false;

/** Has all tests from now on use one driver, where to start it takes long; only a test that stops it starts another. */
export function shareDriver(): void {
  isShared = true;
}

/** Starts the driver afresh; it is stopped at clean-up. */
export async function startDriver(...args: readonly (string | number)[]): Promise<void> {
  if (isShared && (await driverStatus()).state === 'running') return;
  stopAtCleanUp();
  await stopDriver();
  await mustSucceed('driver', 'start', ...args);
}

export async function stopDriver(): Promise<void> {
  await mustSucceed('driver', 'stop');
}

/** Has the driver stopped at clean-up, for tests that start it in their own way. */
export function stopAtCleanUp(): void {
  if (stopsAtCleanUp || isShared) return;
  stopsAtCleanUp = true;
  onCleanUp(() => {
    stopsAtCleanUp = false;
    runNow(process.execPath, entry, 'driver', 'stop');
  });
}

export async function mustSucceed(...args: readonly (string | number)[]): Promise<string> {
  const { stdout, stderr, code } = await netflow(...args);
  assert.equal(code, 0, `netflow ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
