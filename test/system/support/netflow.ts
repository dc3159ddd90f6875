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
import { cleanUp, onExit } from '../../support/cleanup.js';
import { run, runNow, start, type Outcome } from '../../support/commands.js';
import { isRoot, skipWithout } from '../../support/machine.js';
import { entry } from '../../support/paths.js';
import { buildClients } from './clients.js';

/** Runs a suite only as root. Before it the client programs are built, and `begin` is called. */
export function asRoot(begin: (this: Context) => unknown = () => needDriver()): void {
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

/** Whether the driver runs with its defaults, started by these tests. */
let runsByDefault = false;
let stopsAtExit = false;

/** Has the driver run. It goes on from one suite to the next: to load it takes more than a second. */
export async function needDriver(): Promise<void> {
  if (!runsByDefault) await startDriver();
}

/** Starts the driver afresh. */
export async function startDriver(...args: readonly (string | number)[]): Promise<void> {
  if ((await driverStatus()).state !== 'stopped') await stopDriver();
  stopAtExit();
  await mustSucceed('driver', 'start', ...args);
  runsByDefault = args.length === 0;
}

export async function stopDriver(): Promise<void> {
  runsByDefault = false;
  stopAtExit(); // what a test starts in its own way
  await mustSucceed('driver', 'stop');
}

function stopAtExit(): void {
  if (!stopsAtExit) onExit(() => runNow(process.execPath, entry, 'driver', 'stop'));
  stopsAtExit = true;
}

export async function mustSucceed(...args: readonly (string | number)[]): Promise<string> {
  const { stdout, stderr, code } = await netflow(...args);
  assert.equal(code, 0, `netflow ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
