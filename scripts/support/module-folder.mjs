// The PowerShell module as one folder, dist/module/NetFlow. It has the layout of a checkout, and of that only what runs.
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './project.mjs';

const target = join(root, 'dist/module/NetFlow');
const edge = 'psmodule/bridge/edge/node_modules/edge-js';

// The files of the module, which exist once all is built.
const content = () => [
  'NetFlow.psd1',
  'package.json', // has the version, and the kind of the modules for Node.js
  'LICENSE',
  'CHANGELOG.md',
  'core/start-bundle.js',
  'dist/core/agent.bundle.cjs',
  'dist/driver/netflow.bpf.o',
  'dist/psmodule/host.bundle.cjs',
  'dist/psmodule/host.bundle.cjs.cache',
  'dist/psmodule/client/net472',
  'dist/psmodule/client/netstandard2.0',
  'dist/psmodule/edge',
  'dist/psmodule/server/net472',
  'dist/psmodule/server/net8.0',
  'psmodule/NetFlow.format.ps1xml',
  'psmodule/NetFlow.types.ps1xml',
  'psmodule/NetFlow.types.psd1',
  'psmodule/bridge/start.js',
  'psmodule/bridge/edge/package.json',
  'psmodule/policy',
  `${edge}/LICENSE`,
  `${edge}/package.json`,
  `${edge}/lib/edge.js`,
  `${edge}/tools/checkMono.js`,
  `${edge}/build/Release/edge_coreclr.node`,
  ...['dist/node'].filter((path) => existsSync(join(root, path))),
  ...nativeLibrary('koffi'),
];

/** Makes the folder anew from what build() and buildModule() made, and returns its path. */
export function makeModuleFolder() {
  const made = `${target}.new`;
  rmSync(made, { recursive: true, force: true });
  for (const path of content()) copy(path, made);
  copy('psmodule/en-US', made, 'en-US'); // Get-Help looks beside the manifest
  writeFileSync(join(made, 'psmodule/NetFlow.psm1'), scriptModule());
  rmSync(target, { recursive: true, force: true });
  renameSync(made, target);
  return target;
}

/** Returns the script module with its functions in it, since an import needs time for each further file. */
function scriptModule() {
  const read = (file) => readFileSync(join(root, 'psmodule', file), 'utf8');
  return read('NetFlow.psm1').replace(/^\. \$PSScriptRoot\/(.+)$/gmu, (_line, file) => read(file));
}

function copy(path, to, as = path) {
  mkdirSync(dirname(join(to, as)), { recursive: true });
  cpSync(realpathSync(join(root, path)), join(to, as), { recursive: true });
}

/** koffi's code, and the native part of it that is for this system. */
function nativeLibrary(name) {
  const folder = `node_modules/${name}`;
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const natives = Object.keys(optionalDependencies).map((dependency) => `node_modules/${dependency}`);
  const code = ['package.json', 'LICENSE.txt', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'];
  return [...code.map((file) => `${folder}/${file}`), ...natives].filter((path) => existsSync(join(root, path)));
}
