import assert from 'node:assert/strict';
import type { Connection, DriverStatus, Measurement, ProcessTraffic } from '../../../core/index.js';
import { onCleanUp } from '../../support/cleanup.js';
import { run, runNow, start, type Outcome } from '../../support/commands.js';
import { entry } from '../../support/paths.js';

/** Runs the command line and returns what it said. */
export async function netflow(...args: readonly (string | number)[]): Promise<Outcome> {
  return await run(process.execPath, [entry, ...args.map(String)]);
}

/** Starts the command line and leaves it running. */
export function startNetflow(...args: readonly string[]): ReturnType<typeof start> {
  return start(process.execPath, [entry, ...args], { stdio: 'pipe' });
}

export async function list(...args: readonly (string | number)[]): Promise<ProcessTraffic[]> {
  return (await json('list', ...args)) as ProcessTraffic[];
}

export async function connections(...args: readonly (string | number)[]): Promise<Connection[]> {
  return (await json('connections', ...args)) as Connection[];
}

export async function measure(...command: readonly (string | number)[]): Promise<Measurement> {
  const result = await json('measure', '--', ...command);
  return (Array.isArray(result) ? result[0] : result) as Measurement;
}

export async function driver(...args: readonly (string | number)[]): Promise<DriverStatus> {
  const result = await json('driver', ...args);
  return (Array.isArray(result) ? result[0] : result) as DriverStatus;
}

let stopsAtCleanUp = false;

/** Starts the driver afresh; it is stopped at clean-up. */
export async function startDriver(...args: readonly (string | number)[]): Promise<void> {
  stopAtCleanUp();
  await stopDriver();
  await mustSucceed('driver', 'start', ...args);
}

export async function stopDriver(): Promise<void> {
  await mustSucceed('driver', 'stop');
}

/** Has the driver stopped at clean-up, for tests that start it in their own way. */
export function stopAtCleanUp(): void {
  if (stopsAtCleanUp) return;
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

async function json(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
  const [first = '', ...rest] = args;
  const sub = command === 'driver' ? [command, first, '--json', ...rest] : [command, '--json', ...args];
  return JSON.parse(await mustSucceed(...sub));
}
