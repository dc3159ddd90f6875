import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the folder of the package or checkout: the nearest one above this file that has a package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function commandLine(): string {
  return join(packageRoot(), 'bin', 'netflow.js');
}

/** Returns the program of Linux's agent. */
export function agentProgram(): string {
  return join(packageRoot(), 'dist', 'core', 'agent.bundle.cjs');
}

/** Returns the Node.js for programs that outlive this process: the build's own, if this one is past its end of life. */
export function nodeProgram(): string {
  const brought = join(packageRoot(), 'dist', 'node');
  return existsSync(brought) ? brought : process.execPath;
}

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
