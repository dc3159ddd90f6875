// Checks what a suite needs of the machine, and installs what it can.
import { execFileSync } from 'node:child_process';
import { buildModule } from './build-module.mjs';
import { findProgram } from './command.mjs';
import { installMissing } from './install.mjs';
import { makeModuleFolder } from './module-folder.mjs';
import { installPowerShell } from './powershell.mjs';
import { installNode } from './node.mjs';
import { commandLine } from './project.mjs';

/** Brings what a suite needs; returns a line that says what is missing and how to get it, or undefined. */
export async function unmetNeed(suite) {
  for (const name of suite.needs ?? []) {
    const problem = await checks[name]();
    if (problem) return problem;
  }
  return suite.node
    ? lackOf(() => installNode(suite.node, say))
    : lackOf(() => installMissing(suite.programs ?? [], say));
}

/** Returns the result of the driver's status command; undefined if that fails. */
export function driverStatus() {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return JSON.parse(execFileSync(process.execPath, [commandLine, 'driver', 'status', '--json'], options));
  } catch {
    return undefined;
  }
}

const checks = {
  debian() {
    const isThere = process.arch === 'x64' && findProgram('apt-get') && findProgram('dpkg-deb');
    return isThere ? undefined : 'needs Debian on x86-64, whose apt-get fetches the kernels';
  },
  root: () => (process.getuid() === 0 ? undefined : 'needs root to load the driver; run: sudo npm test'),
  driver() {
    const status = driverStatus();
    if (!status) return '`netflow driver status --json` says nothing';
    // Leaves out needs of limits, which are installed with a suite's programs, and an old Node.js, which was asked for.
    const lacking = status.requirements.filter(({ ok, name }) => !ok && !/, for limits$|^Node\.js$/.test(name));
    return lacking.map(({ name, detail }) => `${name}: ${detail}`).join('; ') || undefined;
  },
  async powershell() {
    return lackOf(async () => {
      await buildModule();
      makeModuleFolder();
      await installPowerShell();
    });
  },
};

function say(text) {
  process.stdout.write(`  ${text} …\n`);
}

async function lackOf(bring) {
  try {
    await bring();
    return undefined;
  } catch (error) {
    process.stdout.write(error.output ?? '');
    return error.message;
  }
}
