// Installs what the system lacks, by the system's own package manager.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageManagers } from '../packages.mjs';
import { CommandError, findProgram, run } from './command.mjs';

const libraryFolders = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];

/** The needs that aren't met. */
export function missing(needs) {
  return needs.filter((need) => !isThere(need));
}

/** Installs what is missing; throws a CommandError that says what to install by hand where it can't. */
export async function installMissing(needs, say) {
  const manager = Object.keys(packageManagers).find((name) => findProgram(packageManagers[name].program));
  const lacking = missing(needs).filter((need) => need.packages[manager] !== null);
  if (lacking.length === 0) return;
  const names = lacking.map(nameOf).join(', ');
  if (!manager) throw new CommandError(`this system lacks ${names}, and its package manager is not known here`);

  const packages = [...new Set(lacking.map((need) => need.packages[manager]))];
  const byHand = `${packageManagers[manager].program} ${[...packageManagers[manager].install, ...packages].join(' ')}`;
  if (process.getuid() !== 0) throw new CommandError(`this system lacks ${names}; run: sudo ${byHand}`);

  say(`Installing ${packages.join(' ')} (${packageManagers[manager].program}); this can take minutes`);
  const services = lacking.flatMap(({ service }) => service ?? []);
  try {
    await withoutStartingServices(services, () => install(packageManagers[manager], packages));
  } catch (error) {
    throw new CommandError(`cannot install ${names}; run by hand: ${byHand}`, { output: error.output });
  }
  const still = missing(lacking).map(nameOf);
  if (still.length > 0)
    throw new CommandError(`after installing ${packages.join(' ')}, ${still.join(', ')} is missing`);
}

async function install({ program, refresh, install: args }, packages) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if (refresh) await run(program, refresh, options);
  await run(program, [...args, ...packages], options);
}

// Debian starts the servers it installs, unless a policy is there that says no.
async function withoutStartingServices(services, body) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = services.length > 0 && findProgram('apt-get') && !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await body();
  } finally {
    if (ours) rmSync(policy);
  }
  if (services.length > 0 && existsSync('/run/systemd/system')) await run('systemctl', ['disable', ...services]);
}

function nameOf({ program, header, library, runtime }) {
  return program ?? library ?? runtime ?? `<${header}>`;
}

function isThere({ program, header, library, runtime }) {
  if (program) return findProgram(program) !== undefined;
  if (runtime) return isRuntime(runtime);
  if (header) return existsSync(join('/usr/include', header));
  return libraryFolders
    .flatMap((folder) => [folder, ...foldersIn(folder)])
    .some((folder) => existsSync(join(folder, library)));
}

/** clang names a library of its own with its path, one that isn't there as it was asked for. */
function isRuntime(name) {
  const { stdout } = spawnSync('clang', [`-print-file-name=${name}`], { encoding: 'utf8' });
  return existsSync(stdout?.trim() ?? '');
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('-linux-gnu') || name.endsWith('-linux-gnueabihf'))
    .map((name) => join(folder, name));
}
