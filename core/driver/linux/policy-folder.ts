import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetFlowError } from '../../errors.js';
import { readPolicy } from '../../policy-file.js';
import type { PolicyRule } from '../../records.js';
import { linuxPaths } from './executable-paths.js';
import { stateDirectory } from './paths.js';

/** Where administrators put the machine's policy. */
const policyFolder = '/etc/netflow/policy.d';

/** There while the policy's rules are from the policy folder. */
const note = join(stateDirectory, 'machine-policy');

export function hasMachinePolicy(): boolean {
  return existsSync(note);
}

export function noteMachinePolicy(isMachines: boolean): void {
  if (isMachines) {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(note, '');
  } else {
    rmSync(note, { force: true });
  }
}

/** The rules of all files in the policy folder, in the order of their names: of rules for one path the last holds. */
export function readPolicyFolder(folder = policyFolder): PolicyRule[] | null {
  const files = policyFiles(folder);
  if (files === null) return null;
  const rules = files.flatMap((file) => readTrustedPolicy(folder, file));
  return [...new Map(rules.map((rule) => [rule.path, rule])).values()];
}

/** Null where the machine has no policy folder, and so says nothing. */
function policyFiles(folder: string): string[] | null {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(csv|json)$/iu.test(name) && !name.startsWith('.'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new NetFlowError('FAILED', `${folder} can't be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Whoever may write a policy limits everybody: a file that others than root may write is refused. */
function readTrustedPolicy(folder: string, file: string): PolicyRule[] {
  for (const path of [folder, file]) {
    const { uid, mode } = statSync(path);
    if (uid === 0 && (mode & 0o022) === 0) continue;
    throw new NetFlowError(
      'FAILED',
      `${path} can be written by others than root, so no policy is taken from it: give it back to root with chown and chmod.`,
    );
  }
  return readPolicy(file, linuxPaths);
}
