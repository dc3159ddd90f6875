import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onCleanUp } from './cleanup.js';

/** The project's top folder, whether this runs from the sources or from dist. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
export const entry = join(projectRoot, 'bin', 'netflow.js');
/** The same on a driver in memory. */
export const inMemory = join(projectRoot, 'dist', 'test', 'support', 'netflow-in-memory.js');

/** A new folder that is removed at the end, however that comes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-test-'));
  mkdirSync(folder, { recursive: true });
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error('no package.json above this file');
  return findRoot(dirname(folder));
}
