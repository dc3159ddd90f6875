import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, DriverStatus, Limit, ProcessTraffic } from '../../../core/index.js';
import { said, type Said } from '../../support/said.js';

/** The package as it is installed on Windows, whose driver is linked to the simulated engine. */
const packageFolder = process.env['NETFLOW_PACKAGE'] ?? '';
export const packagedDrivers = join(packageFolder, 'dist', 'driver', 'windows');
const entry = join(packageFolder, 'bin', 'netflow.js');
const bundle = join(packageFolder, 'dist', 'bin', 'netflow.bundle.cjs');
const { main } = createRequire(entry)(bundle) as { main: (args: readonly string[]) => Promise<void> };

type Words = readonly (string | number)[];

/** The command line inside of this process: Windows' Node.js takes two seconds to start under Wine. */
export const { netflow, mustSucceed, list, connections, limits, driverStatus } = commands((args) =>
  said(() => main(args)),
);

/** The command line as a user has it. What reads sees the driver for the first time. */
export const program = commands((args) => Promise.resolve(runProgram(args)));

function commands(run: (args: string[]) => Promise<Said>) {
  const netflow = (...words: Words) => run(words.map(String));
  const mustSucceed = async (...words: Words) => {
    const { code, stdout, stderr } = await netflow(...words);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const json = async (...words: Words) => JSON.parse(await mustSucceed(...words, '--json')) as unknown;
  return {
    netflow,
    mustSucceed,
    list: async (...words: Words) => (await json('list', ...words)) as ProcessTraffic[],
    connections: async (...words: Words) => (await json('connections', ...words)) as Connection[],
    limits: async () => (await json('limit', 'list')) as Limit[],
    driverStatus: async () => (await json('driver', 'status')) as DriverStatus,
  };
}

/** Its output goes to files: Windows' Node.js can't write to a pipe under Wine. */
function runProgram(args: readonly string[]): Said {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const outputs = files.map((file) => openSync(file, 'w'));
  try {
    const { status, error } = spawnSync(process.execPath, [entry, ...args], { stdio: ['ignore', ...outputs] });
    if (error) throw error;
    const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { code: status ?? -1, stdout, stderr };
  } finally {
    outputs.forEach(closeSync);
    rmSync(folder, { recursive: true });
  }
}

/** A process that does this, and without it only waits; ended by `endProcesses`. */
export function startProcess(script = 'setInterval(() => {}, 1000)'): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  started.push(child);
  assert.ok(child.pid !== undefined);
  return child as ChildProcess & { pid: number };
}

const started: ChildProcess[] = [];

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

export async function endProcesses(): Promise<void> {
  for (const child of started.splice(0)) await endProcess(child);
}
