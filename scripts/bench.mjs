// `npm run bench -- NAME [--quick] [--only PART]… [--rate LIMIT]…`: builds what isn't built, and runs a benchmark, which
// prints tables. Without a name, or with --list, it lists the benchmarks.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageManagers, systemNeeds } from './packages.mjs';
import { buildModule } from './support/build-module.mjs';
import { build } from './support/build.mjs';
import { CommandError, main, runInstead } from './support/command.mjs';
import { compiledShell, compileShell } from './support/compiled-shell.mjs';
import { installMissing } from './support/install.mjs';
import { makeModuleFolder } from './support/module-folder.mjs';
import { onRightNode } from './support/node.mjs';
import { installPowerShell, pwsh } from './support/powershell.mjs';
import { root } from './support/project.mjs';

const benches = [
  {
    name: 'accounting',
    about: 'what the driver costs, and nethogs and ss beside NetFlow',
    programs: ['gcc', 'bpftool', 'iperf3', 'nethogs', 'ss'],
  },
  {
    name: 'limits',
    about: 'how exactly limits hold and what they cost, and a hand-made tc HTB beside them',
    programs: ['gcc', 'bpftool', 'iperf3', 'ip'],
  },
  {
    name: 'powershell',
    about: 'what the PowerShell module costs, and Get-Process beside it',
    programs: ['gcc', 'bpftool'],
    async prepare() {
      await buildModule();
      makeModuleFolder();
      await installPowerShell();
      await compileShell();
      return ['--pwsh', pwsh, '--compiled', compiledShell];
    },
  },
];

// Programs that are compared with NetFlow. Each package manager has them under one name, except for ss.
const comparedWith = [
  { program: 'nethogs', packages: inAll('nethogs') },
  { program: 'ss', packages: { ...inAll('iproute2'), dnf: 'iproute', apk: 'iproute2-ss' } },
];

await main('bench', async () => {
  const { values, positionals } = readArguments();
  const [name] = positionals;
  if (values.list || name === undefined) {
    for (const { name, about } of benches) process.stdout.write(`${name.padEnd(12)}${about}\n`);
    return values.list ? 0 : 2;
  }
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) throw new CommandError(`no benchmark is called ${name}; see: npm run bench -- --list`, { exitCode: 2 });
  if (process.getuid() !== 0) {
    throw new CommandError(`loading the driver requires root; run: sudo npm run bench -- ${name}`, { exitCode: 4 });
  }
  const code = await onRightNode();
  if (code !== undefined) return code;
  await build();
  await installMissing(needsOf(bench), (text) => process.stderr.write(`${text} …\n`));
  const prepared = (await bench.prepare?.()) ?? [];
  // A signal is for the benchmark, which puts things back as they were.
  const script = join(root, 'dist/test/bench', `${name}.js`);
  return await runInstead(process.execPath, [script, ...forwarded(values), ...prepared]);
});

function readArguments() {
  const options = {
    list: { type: 'boolean' },
    quick: { type: 'boolean' },
    rate: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
  };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new CommandError(error.message, { exitCode: 2 });
  }
}

function forwarded({ quick, only, rate }) {
  const each = (option, values) => values.flatMap((value) => [option, value]);
  return [...(quick ? ['--quick'] : []), ...each('--only', only), ...each('--rate', rate)];
}

function needsOf({ programs }) {
  return [...systemNeeds, ...comparedWith].filter(({ program }) => programs.includes(program));
}

function inAll(name) {
  return Object.fromEntries(Object.keys(packageManagers).map((manager) => [manager, name]));
}
