import { execFile, execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { promisify } from 'node:util';
import { onCleanUp } from './cleanup.js';

const runFile = promisify(execFile);

export interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs a program to its end and returns what it said, whatever its exit code. */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<Outcome> {
  try {
    const { stdout, stderr } = await runFile(program, args, {
      maxBuffer: 1 << 28,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const { stdout = '', stderr = '', code } = error as Partial<Outcome> & Error;
    if (typeof code !== 'number') throw error;
    return { stdout, stderr, code };
  }
}

/** Runs a program that must succeed, and returns its standard output. */
export function runNow(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

/** Starts a program that is killed at the end, if it still runs then. */
export function start(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(program, args, options);
  onCleanUp(() => child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'));
  return child;
}

/** Resolves with the exit code, or with the signal's name, once the program has ended. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return child.signalCode;
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/** True where a program of this name can be run. */
export function hasProgram(name: string): boolean {
  try {
    runNow('sh', '-c', `command -v "$1"`, 'sh', name);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds; gives up after so many seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(20);
  }
}

export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
