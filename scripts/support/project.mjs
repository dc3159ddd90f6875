// Where things are in this checkout.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const driverObject = join(root, 'dist/driver/netflow.bpf.o');
export const commandLine = join(root, 'bin/netflow.js');

export function packageVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** The npm that started this script, or the one that came with this Node.js: [program, first arguments]. */
export function npm() {
  const started = process.env.npm_execpath;
  if (started?.endsWith('npm-cli.js')) return [process.execPath, [started]];
  return [join(dirname(process.execPath), 'npm'), []];
}
