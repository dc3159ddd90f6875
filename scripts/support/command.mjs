// Runs other programs: arguments as arrays, never through a shell.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An error that is reported in one line, after the failed program's output. */
export class CommandError extends Error {
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message);
    this.output = output;
    this.exitCode = exitCode;
  }
}

/** Runs a program to its end and returns what it wrote; throws a CommandError where it fails. */
export async function run(command, args, options = {}) {
  const { code, output } = await capture(command, args, options);
  if (code === 0) return output;
  throw new CommandError(`${[command, ...args.slice(0, 2)].join(' ')} failed (${code})`, { output });
}

/** Runs a program that writes where this one does; returns its exit code. */
export function runVisibly(command, args, options = {}) {
  return ended(spawn(command, args, { stdio: 'inherit', ...options }));
}

/** Runs a program that gets the signals that end this one; returns its exit code once it has ended. */
export function runInstead(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  process.on('SIGINT', () => {}); // from a terminal both get it
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return ended(child);
}

/** Where a program is, the folders of system programs included; undefined where it isn't. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** Runs the body of a script; ends it with one line, and the failed program's output, where that throws. */
export async function main(name, body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (error.output?.trim()) process.stderr.write(`${error.output.trimEnd()}\n`);
    process.stderr.write(`${name}: ${error instanceof CommandError ? error.message : error.stack}\n`);
    process.exitCode = error.exitCode ?? 1;
  }
}

async function capture(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return { code: await ended(child), output };
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new CommandError(`cannot run ${child.spawnfile}: ${error.code ?? error.message}`));
    });
    child.once('close', (code, signal) => {
      resolve(code ?? signal);
    });
  });
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
