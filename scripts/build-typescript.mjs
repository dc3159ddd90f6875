#!/usr/bin/env node
// Compiles the TypeScript to dist/, file by file. The programs, which are the command line, the PowerShell module's host
// and the agent of limits, are also bundled into one file each: otherwise they would spend most of their time on finding,
// reading and compiling modules.
//
// A bundle is quick since it is one file instead of a hundred, and doesn't evaluate modules that a command doesn't use.
// In it, yargs measures texts with our own displayWidth (its own begins with a 40 ms regular expression) and asserts
// without node:assert. V8 reads compiled code from a .cache file beside the bundle, which another Node.js ignores.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const script = fileURLToPath(import.meta.url);
const root = dirname(dirname(script));
const dist = join(root, 'dist');

// `warmUp` goes as far as it can without a driver: V8 caches the functions that have run.
const programs = [
  {
    entry: 'bin/netflow.js',
    bundle: join(dist, 'bin', 'netflow.bundle.cjs'),
    warmUp: ({ main }) => main(['list', '--json', '--pid', '1', '--sort', 'none']),
  },
  {
    entry: 'psmodule/bridge/host.js',
    bundle: join(dist, 'psmodule', 'host.bundle.cjs'),
    warmUp: ({ warmUp }) => warmUp(),
  },
  // Runs as soon as it is loaded, and for long: there is nothing to cache.
  { entry: 'core/driver/linux/limits/agent-main.js', bundle: join(dist, 'core', 'agent.bundle.cjs') },
];

// A compiled module finds files by its own place, which in the bundle is where it would be without. yargs takes the
// current folder, which may be gone, for its own where that is not in node_modules.
const moduleUrls = `
const moduleUrl = (path) => require('node:url').pathToFileURL(require('node:path').join(__filename, '../..', path)).href;
const bundleUrl = moduleUrl('node_modules/any');`;

if (process.argv[2] === '--code-cache') {
  await writeCodeCache(programs[Number(process.argv[3])]);
} else {
  compile();
  removeStale();
  for (const [index, program] of programs.entries()) {
    await bundle(program);
    if (program.warmUp) run(process.execPath, [script, '--code-cache', String(index)], 'ignore');
  }
}

function compile() {
  run(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', join(root, 'tsconfig.json')]);
}

// Removes files whose source is gone, which would still be tested and packed.
function removeStale() {
  for (const folder of ['bin', 'core', 'psmodule/bridge', 'test'].filter((name) => existsSync(join(dist, name)))) {
    for (const file of readdirSync(join(dist, folder), { recursive: true }).filter((name) => name.endsWith('.js'))) {
      const output = join(dist, folder, file);
      if (existsSync(join(root, folder, file.replace(/\.js$/, '.ts')))) continue;
      rmSync(output);
      rmSync(output.replace(/\.js$/, '.d.ts'), { force: true });
    }
  }
}

async function bundle(program) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: [join(dist, program.entry)],
    outfile: program.bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['koffi'],
    define: { 'import.meta.url': 'bundleUrl' },
    supported: { 'dynamic-import': false },
    banner: { js: `// Made by scripts/build-typescript.mjs.${moduleUrls}` },
    plugins: [substitutes(), ownUrls()],
    logLevel: 'warning',
  });
}

function ownUrls() {
  return {
    name: 'own-urls',
    setup(build) {
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const place = relative(dist, path).split(sep).join('/');
        if (place.startsWith('..')) return undefined;
        const source = readFileSync(path, 'utf8');
        return { contents: source.replaceAll('import.meta.url', `moduleUrl(${JSON.stringify(place)})`), loader: 'js' };
      });
    },
  };
}

function substitutes() {
  return {
    name: 'substitutes',
    setup(build) {
      build.onResolve({ filter: /^(string-width|(node:)?assert)$/ }, ({ path }) => ({ path, namespace: 'substitute' }));
      build.onLoad({ filter: /width$/, namespace: 'substitute' }, () => ({
        contents: `module.exports = require('./text.js').displayWidth;`,
        resolveDir: join(dist, 'bin', 'output'),
      }));
      build.onLoad({ filter: /assert$/, namespace: 'substitute' }, () => ({
        contents: `
          exports.strictEqual = (a, b, message) => { if (!Object.is(a, b)) throw new Error(message); };
          exports.notStrictEqual = (a, b, message) => { if (Object.is(a, b)) throw new Error(message); };`,
      }));
    },
  };
}

async function writeCodeCache({ bundle, warmUp }) {
  const wrapped = `(function (exports, require, module, __filename) {${readFileSync(bundle, 'utf8')}\n})`;
  const compiled = new Script(wrapped, { filename: bundle });
  const module = { exports: {} };
  compiled.runInThisContext()(module.exports, createRequire(bundle), module, bundle);
  await warmUp(module.exports);
  process.exitCode = 0;
  writeFileSync(`${bundle}.cache`, compiled.createCachedData());
}

function run(command, args, stdio = 'inherit') {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
