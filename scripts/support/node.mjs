// The Node.js that NetFlow runs on: this machine's own or, where that gets no fixes any more, one that npm brings into
// dist/tools. `dist/node` leads to that one: the agent, the boot unit and the PowerShell module's host run on it too.
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { CommandError, run, runInstead } from './command.mjs';
import { whole } from './folder.mjs';
import { npm, npmProgram, root } from './project.mjs';

/** The supported ones, by their major version. */
export const nodeVersions = { 22: '22.23.3', 24: '24.22.3' };
const preferred = 24;

const tools = join(root, 'dist/tools');
const link = join(root, 'dist/node');
const ownMajor = Number(process.versions.node.split('.')[0]);

/** True where this process runs on a Node.js that npm brought. */
const isBrought = process.execPath.startsWith(tools);

/** Where the Node.js of a major version is, once installNode() has brought it. */
export function nodeProgram(major) {
  return join(packageFolder(major), 'bin/node');
}

export async function installNode(major, say) {
  if (existsSync(nodeProgram(major))) return;
  say(`Fetching Node.js ${nodeVersions[major]} (npm)`);
  await whole(join(tools, `node-${nodeVersions[major]}`), async (folder) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const [program, args] = npm();
    const name = `node-${process.platform}-${process.arch}@${nodeVersions[major]}`;
    await run(program, [...args, 'install', '--ignore-scripts', '--no-audit', '--no-fund', name], { cwd: folder });
  });
  await run(nodeProgram(major), ['--version']);
}

/**
 * Runs this script once more where it should run on another Node.js, and returns its exit code; undefined: this one is
 * right. Without a wish that is this machine's own, as long as it gets fixes.
 */
export async function onRightNode(wanted) {
  const major = Number(wanted ?? (ownMajor >= Math.min(...Object.keys(nodeVersions)) ? ownMajor : preferred));
  if (major === ownMajor) {
    if (!isBrought) rmSync(link, { force: true });
    return undefined;
  }
  if (!(major in nodeVersions)) {
    throw new CommandError(`Node.js ${wanted} is not supported: choose ${Object.keys(nodeVersions).join(' or ')}`, {
      exitCode: 2,
    });
  }
  if (wanted === undefined)
    say(`Node.js ${process.version} is past its end of life: NetFlow runs on ${nodeVersions[major]}`);
  try {
    await installNode(major, say);
  } catch (error) {
    if (wanted !== undefined) throw error;
    say(`cannot get it, so NetFlow runs on ${process.version}: ${error.message}`);
    return undefined;
  }
  lead(major);
  return runInstead(nodeProgram(major), process.argv.slice(1), { env: environment(major) });
}

function lead(major) {
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), nodeProgram(major)), link);
}

/** Gives programs this Node.js as `node`, compilers its headers, and npm this machine's settings. */
function environment(major) {
  return {
    ...process.env,
    PATH: [dirname(nodeProgram(major)), process.env.PATH].join(delimiter),
    npm_execpath: npmProgram(),
    npm_config_nodedir: packageFolder(major),
    npm_config_globalconfig: process.env.npm_config_globalconfig ?? join(dirname(process.execPath), '../etc/npmrc'),
  };
}

function packageFolder(major) {
  return join(tools, `node-${nodeVersions[major]}`, 'node_modules', `node-${process.platform}-${process.arch}`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
