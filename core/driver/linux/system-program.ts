import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NetFlowError } from '../../errors.js';

/** Where root's programs are; the caller's PATH may name folders of others. The last is that of NixOS. */
const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/run/current-system/sw/bin'];

/** What a program that root starts here gets: nothing of the caller's, who may be under sudo or in a foreign folder. */
export const cleanEnvironment = { PATH: folders.join(':'), LC_ALL: 'C' } as const;

export function findSystemProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

/** Runs a program of the system and returns what it writes. It is killed when it takes longer than so many seconds. */
export function runSystemProgram(name: string, args: readonly string[], seconds: number): string {
  const path = findSystemProgram(name);
  if (path === undefined) throw new NetFlowError('FAILED', `There is no program ${name} in ${folders.join(', ')}.`);
  const { status, stdout, stderr, error } = spawnSync(path, args, {
    cwd: '/',
    env: cleanEnvironment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  if (status === 0) return stdout;
  const isLate = (error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT';
  const why = isLate ? `it did not end within ${seconds} s` : stderr.trim().split('\n')[0] || `exit code ${status}`;
  throw new NetFlowError('FAILED', `${[name, ...args].join(' ')} failed: ${why}.`, { cause: error });
}
