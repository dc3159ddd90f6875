// PowerShell and Pester for the tests, in a folder of this checkout: the system's own are left as they are.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { takeSteps } from './build.mjs';
import { whole } from './folder.mjs';
import { root } from './project.mjs';

const versions = { powershell: '7.6.9', pester: '6.2.0' };
const tools = join(root, 'dist/tools');
export const shellFolder = join(tools, `powershell-${versions.powershell}`);
const pesterFolder = join(tools, `pester-${versions.pester}`);

export const pwsh = join(shellFolder, 'pwsh');
export const pesterManifest = join(pesterFolder, 'pester', versions.pester, 'tools/Pester.psd1');

const environment = { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' };

const steps = [
  {
    doing: `Installing PowerShell ${versions.powershell}`,
    done: 'PowerShell is up to date',
    isCurrent: () => existsSync(pwsh),
    act: () => whole(shellFolder, installShell),
  },
  {
    doing: `Installing Pester ${versions.pester}`,
    done: 'Pester is up to date',
    isCurrent: () => existsSync(pesterManifest),
    act: () => whole(pesterFolder, installPester),
  },
];

/** Installs both if they are missing, which requires dotnet. */
export async function installPowerShell() {
  await takeSteps(steps);
}

async function installShell(folder) {
  const args = ['tool', 'install', 'PowerShell', '--version', versions.powershell, '--tool-path', folder];
  await run('dotnet', args, { env: environment });
}

async function installPester(folder) {
  await downloadPackage(folder, 'Pester', versions.pester);
}

/** Puts a package of NuGet's into a folder. It installs them for projects only; this one needs nothing but the package. */
export async function downloadPackage(folder, name, version) {
  const project = join(folder, 'Download.csproj');
  writeFileSync(
    project,
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${name}" Version="[${version}]" /></ItemGroup>
</Project>
`,
  );
  await run('dotnet', ['restore', project, '--packages', folder], { env: environment });
}
