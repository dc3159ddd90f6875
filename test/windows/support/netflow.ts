import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, DriverStatus, Limit, ProcessTraffic } from '../../../core/index.js';

/** The package as it is installed on Windows, whose driver is linked to the simulated engine. */
const packageFolder = process.env['NETFLOW_PACKAGE'] ?? '';
const entry = join(packageFolder, 'bin', 'netflow.js');

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line. Its output goes to files: Windows' Node.js can't write to a pipe under Wine. */
export function netflow(...args: (string | number)[]): Result {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const outputs = files.map((file) => openSync(file, 'w'));
  try {
    const { status, error } = spawnSync(process.execPath, [entry, ...args.map(String)], {
      stdio: ['ignore', ...outputs],
    });
    if (error) throw error;
    const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { status, stdout, stderr };
  } finally {
    outputs.forEach(closeSync);
    rmSync(folder, { recursive: true });
  }
}

export function mustSucceed(...args: (string | number)[]): string {
  const { status, stdout, stderr } = netflow(...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

function json(...args: (string | number)[]): unknown {
  return JSON.parse(mustSucceed(...args, '--json'));
}

export const list = (...args: (string | number)[]) => json('list', ...args) as ProcessTraffic[];
export const connections = (...args: (string | number)[]) => json('connections', ...args) as Connection[];
export const limits = () => json('limit', 'list') as Limit[];
export const driverStatus = () => json('driver', 'status') as DriverStatus;

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
