// Where things are in this checkout.
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from './command.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const driverObject = join(root, 'dist/driver/netflow.bpf.o');
export const commandLine = join(root, 'bin/netflow.js');

export function packageVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** How npm is run: [program, first arguments]. */
export function npm() {
  const program = npmProgram();
  return program.endsWith('.js') ? [process.execPath, [program]] : [program, []];
}

/** The npm that started this script, or the one in PATH. */
export function npmProgram() {
  const started = process.env.npm_execpath;
  return started?.endsWith('npm-cli.js') ? started : realpathSync(findProgram('npm') ?? 'npm');
}
