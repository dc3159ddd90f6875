// Builds the parts that only the PowerShell module needs: edge-js, which compiles for most of a minute, and the bridge's
// .NET assemblies.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { moduleNeeds } from '../packages.mjs';
import { takeSteps } from './build.mjs';
import { CommandError, findProgram, run } from './command.mjs';
import { installMissing, missing } from './install.mjs';
import { npm, root } from './project.mjs';
import { stamp } from './stamp.mjs';

const bridge = 'psmodule/bridge';
const built = join(root, 'dist/psmodule');
const edge = join(root, bridge, 'edge');
const edgeNative = join(edge, 'node_modules/edge-js/build/Release/edge_coreclr.node');

/** Where dotnet is to be had: few systems have a package of it. */
export const dotnetHint = 'install the .NET SDK 8 or later, see https://learn.microsoft.com/dotnet/core/install/linux';

// `readyToRun` ones are compiled ahead of time for this machine: a shell would spend most of its start on compiling them.
const assemblies = [
  { project: 'edge', to: 'edge', framework: 'net8.0', readyToRun: true },
  { project: 'server', to: 'server/net8.0', framework: 'net8.0', readyToRun: true },
  { project: 'server', to: 'server/net472', framework: 'net472' },
  { project: 'ahead', to: 'client/netstandard2.0', framework: 'net8.0', readyToRun: true, only: 'NetFlow.Client.dll' },
  { project: 'client', to: 'client/net472', framework: 'net472' },
];

const managed = stamp('bridge', {
  inputs: [
    ...['ahead', 'client', 'server', 'edge', 'Directory.Build.props'].map((name) => `${bridge}/${name}`),
    'scripts/support/build-module.mjs',
  ],
  outputs: assemblies.map(({ to }) => join(built, to)),
  also: runtimeIdentifier(),
});

// It runs on no other major version of Node.js.
const native = stamp('edge', {
  inputs: [`${bridge}/edge/package-lock.json`],
  outputs: [edgeNative],
  also: process.versions.modules,
});

const steps = [
  {
    doing: "Installing what edge-js's native part is compiled with",
    done: 'The system has what edge-js is compiled with',
    isCurrent: () => native.isCurrent() || missing(moduleNeeds).length === 0,
    act: (say) => installMissing(moduleNeeds, say),
  },
  {
    doing: 'Installing edge-js, which compiles for about 40 seconds',
    done: 'edge-js is up to date',
    isCurrent: native.isCurrent,
    act: installEdge,
  },
  {
    doing: "Compiling the bridge's .NET assemblies",
    done: "The bridge's .NET assemblies are up to date",
    isCurrent: managed.isCurrent,
    async act() {
      rmSync(join(root, 'dist/msbuild'), { recursive: true, force: true }); // it goes by the time of files, which may be older
      for (const assembly of assemblies) await compile(assembly);
      managed.set();
    },
  },
];

/** Builds all of the module that isn't built; expects what build() makes. */
export async function buildModule() {
  if (!findProgram('dotnet')) throw new CommandError(`the PowerShell module is built with dotnet: ${dotnetHint}`);
  await takeSteps(steps);
}

async function installEdge() {
  const [program, args] = npm();
  await run(program, [...args, 'ci', '--no-audit', '--no-fund'], { cwd: edge });
  // npm 11 runs scripts only of packages that are allowed to, and not every version knows the same way to allow them.
  const script = join(edge, 'node_modules/edge-js/tools/install.js');
  if (!existsSync(edgeNative)) await run(process.execPath, [script], { cwd: join(edge, 'node_modules/edge-js') });
  if (!existsSync(edgeNative)) throw new CommandError('edge-js did not compile its native part');
  native.set();
}

// Into a folder of its own first: one that is there is whole.
async function compile({ project, to, framework, readyToRun, only }) {
  const target = join(built, to);
  const made = `${target}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  const ahead = readyToRun ? ['-r', runtimeIdentifier(), '--self-contained', 'false', '-p:PublishReadyToRun=true'] : [];
  const args = [
    'publish',
    join(root, bridge, project),
    '--nologo',
    '-c',
    'Release',
    '-f',
    framework,
    '-o',
    made,
    ...ahead,
  ];
  await run('dotnet', args, { env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' } });
  for (const name of readdirSync(made)) if (only && name !== only) rmSync(join(made, name));
  rmSync(target, { recursive: true, force: true });
  renameSync(made, target);
}

/** As .NET calls this machine. */
export function runtimeIdentifier() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  return `linux-${glibcVersionRuntime ? '' : 'musl-'}${process.arch}`;
}
