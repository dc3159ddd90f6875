// `npm run module`: builds the PowerShell module as one folder, which can be copied to a folder of $env:PSModulePath, or
// published.
import { relative } from 'node:path';
import { buildModule } from './support/build-module.mjs';
import { build } from './support/build.mjs';
import { main } from './support/command.mjs';
import { makeModuleFolder } from './support/module-folder.mjs';

await main('module', async () => {
  await build();
  await buildModule();
  const folder = makeModuleFolder();
  process.stdout.write(`The module is in ${relative(process.cwd(), folder)}\n`);
});
