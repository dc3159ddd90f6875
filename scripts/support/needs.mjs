// Checks what a suite needs of the machine, and installs what it can.
import { spawnSync } from 'node:child_process';
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
  return askDriver().answer;
}

function askDriver() {
  const command = [commandLine, 'driver', 'status', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return status === 0 ? { answer: JSON.parse(stdout) } : { problem: stderr.trim().split('\n').at(-1) };
}

const checks = {
  debian() {
    const isThere = process.arch === 'x64' && findProgram('apt-get') && findProgram('dpkg-deb');
    return isThere ? undefined : 'needs Debian on x86-64, whose apt-get fetches the kernels';
  },
  root: () => (process.getuid() === 0 ? undefined : 'needs root to load the driver; run: sudo npm test'),
  driver() {
    const { answer: status, problem } = askDriver();
    if (!status) return `\`netflow driver status --json\` failed: ${problem}`;
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
