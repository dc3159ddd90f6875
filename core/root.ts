import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder: the nearest one above this file that has a package.json. The same for a checkout and an installed package. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function commandLine(): string {
  return join(packageRoot(), 'bin', 'netflow.js');
}

/** What the agent of Linux runs. */
export function agentProgram(): string {
  return join(packageRoot(), 'dist', 'core', 'agent.bundle.cjs');
}

/** The Node.js for what outlives this process: the one that the build brought, since this one may get no fixes any more. */
export function nodeProgram(): string {
  const brought = join(packageRoot(), 'dist', 'node');
  return existsSync(brought) ? brought : process.execPath;
}

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
