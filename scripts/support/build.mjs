// The steps from a fresh clone to a program that runs; each is skipped where it has been done.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildNeeds } from '../packages.mjs';
import { CommandError, run } from './command.mjs';
import { installMissing, missing } from './install.mjs';
import { driverObject, npm, root } from './project.mjs';
import { stamp } from './stamp.mjs';

const driver = stamp('driver', {
  inputs: ['driver/protocol.h', 'driver/linux', 'scripts/build-driver.mjs', 'scripts/support/bpf-source.mjs'],
  outputs: [driverObject],
});

// The command line carries code that is compiled for one version of Node.js.
const typescript = stamp('typescript', {
  inputs: [
    'core',
    'bin',
    ...readdirSync(join(root, 'psmodule/bridge')).flatMap((name) =>
      name.endsWith('.ts') ? `psmodule/bridge/${name}` : [],
    ),
    'test',
    'tsconfig.json',
    'package-lock.json',
    'scripts/build-typescript.mjs',
  ],
  outputs: ['dist/core/index.js', 'dist/bin/netflow.bundle.cjs', 'dist/psmodule/host.bundle.cjs'].map((file) =>
    join(root, file),
  ),
  also: process.version,
});

const steps = [
  {
    doing: 'Installing what the build needs of the system',
    done: 'The system has what the build needs',
    isCurrent: () => missing(buildNeeds).length === 0,
    act: (say) => installMissing(buildNeeds, say),
  },
  {
    doing: 'Installing npm packages',
    done: 'npm packages are up to date',
    isCurrent: packagesAreCurrent,
    async act() {
      const [program, args] = npm();
      await run(program, [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'], { cwd: root });
    },
  },
  {
    doing: 'Building the eBPF object',
    done: 'The eBPF object is up to date',
    isCurrent: driver.isCurrent,
    async act() {
      await runScript('build-driver.mjs');
      driver.set();
    },
  },
  {
    doing: 'Compiling TypeScript',
    done: 'The compiled TypeScript is up to date',
    isCurrent: typescript.isCurrent,
    async act() {
      await runScript('build-typescript.mjs');
      typescript.set();
    },
  },
];

/** Builds all that isn't built. Progress goes to standard error, since what follows may write data. */
export async function build() {
  if (process.platform !== 'linux')
    throw new CommandError('this builds the Linux driver, on Linux; docs/windows.md says how the Windows one is built');
  await takeSteps(steps);
}

/** Does what has not been done. */
export async function takeSteps(steps) {
  for (const [index, step] of steps.entries()) {
    const say = (text) => process.stderr.write(`[${index + 1}/${steps.length}] ${text}\n`);
    if (step.isCurrent()) {
      say(step.done);
      continue;
    }
    say(`${step.doing} …`);
    await step.act(say);
  }
}

function packagesAreCurrent() {
  const installed = join(root, 'node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

async function runScript(name) {
  await run(process.execPath, [join(root, 'scripts', name)], { cwd: root });
}
