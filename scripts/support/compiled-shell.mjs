// PowerShell compiled ahead of time, for benchmarks: the packages that people install are (its build.psm1, -Crossgen), and the
// .NET tool that NuGet has is not, so that most of what a script's first second takes there is compiling PowerShell.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runtimeIdentifier } from './build-module.mjs';
import { takeSteps } from './build.mjs';
import { CommandError, run } from './command.mjs';
import { whole } from './folder.mjs';
import { downloadPackage, shellFolder } from './powershell.mjs';

const folder = join(dirname(shellFolder), `compiled-${basename(shellFolder)}`);

/** The file to run with `dotnet FILE`. */
export const compiledShell = join(folder, 'pwsh.dll');

/** Those that a shell with nothing but this module and its own cmdlets loads. */
const assemblies = [
  'System.Management.Automation.dll',
  'Microsoft.PowerShell.ConsoleHost.dll',
  'Microsoft.PowerShell.Commands.Management.dll',
  'Microsoft.PowerShell.Commands.Utility.dll',
  'Microsoft.PowerShell.Security.dll',
  'Microsoft.ApplicationInsights.dll',
  'Newtonsoft.Json.dll',
  'pwsh.dll',
];

/** Compiles it, where that has not been done. */
export async function compileShell() {
  await takeSteps([
    {
      doing: 'Compiling PowerShell ahead of time',
      done: 'PowerShell is compiled ahead of time',
      isCurrent: () => existsSync(compiledShell),
      act: () => whole(folder, compile),
    },
  ]);
}

async function compile(made) {
  const source = installedShell();
  cpSync(source, made, { recursive: true });
  const framework = await frameworkFolder();
  const compiler = await installCompiler(join(made, 'crossgen'), framework.version);
  const references = [framework.path, source].flatMap((path) => ['-r', join(path, '*.dll')]);
  for (const name of assemblies) {
    await run(compiler, [join(source, name), '-o', join(made, name), '-O', '--targetos', 'linux', ...references]);
  }
  rmSync(join(made, 'crossgen'), { recursive: true });
}

/** Where the .NET tool has its assemblies. */
function installedShell() {
  const files = readdirSync(join(shellFolder, '.store'), { recursive: true });
  const file = files.find((path) => path.endsWith(join('unix', 'pwsh.dll')));
  if (file === undefined) throw new CommandError(`${shellFolder} has no pwsh.dll; remove it and try again`);
  return dirname(join(shellFolder, '.store', file));
}

/** Returns the folder of the newest runtime, on which PowerShell runs. */
async function frameworkFolder() {
  const lines = (await run('dotnet', ['--list-runtimes'])).split('\n');
  const [, version, parent] = lines
    .map((line) => /^Microsoft\.NETCore\.App (\S+) \[(.+)\]$/u.exec(line))
    .findLast(Boolean);
  return { version, path: join(parent, version) };
}

async function installCompiler(into, version) {
  const name = `Microsoft.NETCore.App.Crossgen2.${runtimeIdentifier()}`;
  mkdirSync(into, { recursive: true });
  await downloadPackage(into, name, version);
  return join(into, name.toLowerCase(), version, 'tools', 'crossgen2');
}
