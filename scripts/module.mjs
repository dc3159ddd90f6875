// `npm run module`: builds the PowerShell module as one folder, which can be copied to a folder of $env:PSModulePath, or
// published.
import { relative } from 'node:path';
import { buildModule } from './support/build-module.mjs';
import { build } from './support/build.mjs';
import { main } from './support/command.mjs';
import { makeModuleFolder } from './support/module-folder.mjs';
import { onRightNode } from './support/node.mjs';

await main('module', async () => {
  const code = await onRightNode();
  if (code !== undefined) return code;
  await build();
  await buildModule();
  const folder = makeModuleFolder();
  process.stdout.write(`The module is in ${relative(process.cwd(), folder)}\n`);
  return 0;
});
