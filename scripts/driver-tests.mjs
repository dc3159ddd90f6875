// Tests of the Windows drivers' C on this machine, with sanitizers:
//
//   node scripts/driver-tests.mjs                 all of them, as TAP
//   node scripts/driver-tests.mjs --only NAME     one program, as `wfp_limits`
//   node scripts/driver-tests.mjs --fuzz RUNS     the fuzzers, each so many runs; the tests have a short one
//   node scripts/driver-tests.mjs --seed NUMBER   what is random, in tests and fuzzers, begins with this instead of 1
//   node scripts/driver-tests.mjs --bench         what a call of a callout costs, without sanitizers
//   node scripts/driver-tests.mjs --analyze       clang's analyzer, over the driver
//
// A program `common_*` is linked with driver/windows/common and the simulated kernel (driver/simulator/nt); every other
// one with the whole driver, and the simulated WFP engine (driver/simulator/wfp); `before_windows_10` with the build of
// the driver for those. Compiled objects are kept in dist/driver-tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main, run, runVisibly } from './support/command.mjs';
import { packageVersion, root } from './support/project.mjs';

const output = join(root, 'dist/driver-tests');
const sanitizers = { memory: 'address,undefined', threads: 'thread' };
const older = 'before_windows_10';
const shortRun = 2000; // inputs of each fuzzer
// These have a single thread, in which the thread sanitizer can't find anything.
const isSingleThreaded = (name) =>
  [older, 'wfp_limits', 'wfp_held', 'wfp_rules', 'wfp_untouched'].includes(name) ||
  (name.startsWith('common_') && name !== 'common_speed_meter');

const options = {
  only: { type: 'string' },
  fuzz: { type: 'string' },
  seed: { type: 'string', default: '1' },
  bench: { type: 'boolean' },
  analyze: { type: 'boolean' },
};

await main('driver-tests', async () => {
  const { values } = parseArgs({ options });
  process.env.NETFLOW_SEED = values.seed;
  if (values.fuzz !== undefined) return (await runFuzzers(values.fuzz, values.seed, 'fuzz')) > 0 ? 1 : 0;
  if (values.bench) return runBench();
  if (values.analyze) return analyze();
  const programs = names('driver/test/unit', '_test.c').filter((name) => [undefined, name].includes(values.only));
  if (programs.length === 0) throw new CommandError(`there is no test ${values.only}`, { exitCode: 2 });
  let failed = 0;
  for (const [kind, sanitizer] of Object.entries(sanitizers)) {
    for (const name of programs) {
      if (kind === 'threads' && isSingleThreaded(name)) continue;
      failed += await runTests(name, name === older ? older : kind, sanitizer);
    }
  }
  if (values.only === undefined) failed += await runFuzzers(shortRun, values.seed, 'memory');
  return failed > 0 ? 1 : 0;
});

async function runTests(name, kind, sanitizer) {
  const objects = await compileProgram(kind, sanitizer);
  const [main] = await compileAll([`driver/test/unit/${name}_test.c`], kind, sanitizer);
  const program = join(output, `${name}-${kind}`);
  const linked = name.startsWith('common_') ? objectsWithoutEngine(kind) : objects;
  await run('clang', [`-fsanitize=${sanitizer}`, '-pthread', main, ...linked, '-o', program]);
  process.stdout.write(`# ${name}, ${kind}\n`);
  const code = await runVisibly(program, []);
  if (code !== 0) process.stdout.write(`# ${name}, ${kind}: exit code ${code}\n`);
  return code === 0 ? 0 : 1;
}

/** Only the driver itself has another build for older Windows. */
async function compileProgram(kind, sanitizer) {
  const isDriver = (source) => source.startsWith('driver/windows/');
  const driver = await compileAll(allSources().filter(isDriver), kind, sanitizer);
  const others = allSources().filter((source) => !isDriver(source));
  return [...driver, ...(await compileAll(others, kind === older ? 'memory' : kind, sanitizer))];
}

/** The kind `fuzz` looks for inputs that get further; `memory` has objects that are there, and inputs of chance. */
async function runFuzzers(runs, seed, kind) {
  const sanitizer = 'fuzzer-no-link,address,undefined';
  const objects = await compileAll(allSources(), kind, kind === 'fuzz' ? sanitizer : sanitizers.memory);
  let failed = 0;
  for (const name of names('driver/test/fuzz', '_fuzz.c')) {
    const [main] = await compileAll([`driver/test/fuzz/${name}_fuzz.c`], kind, sanitizer);
    const program = join(output, `${name}-fuzz-${kind}`);
    await run('clang', ['-fsanitize=fuzzer,address,undefined', '-pthread', main, ...objects, '-o', program]);
    const { status } = spawnSync(program, [`-runs=${runs}`, `-seed=${seed}`, '-verbosity=0'], { stdio: 'inherit' });
    process.stdout.write(`${status === 0 ? 'ok' : 'not ok'} - ${name} survives ${runs} inputs, seed ${seed}\n`);
    failed += status === 0 ? 0 : 1;
  }
  return failed;
}

async function runBench() {
  const program = join(output, 'classify-bench');
  mkdirSync(output, { recursive: true });
  const sources = ['driver/test/bench/classify_bench.c', ...allSources()];
  await run('clang', [...compilerFlags(), '-O2', '-o', program, ...sources], { cwd: root });
  return runVisibly(program, []);
}

/** Whatever it finds is an error. */
async function analyze() {
  const sources = allSources().filter((source) => /^driver\/windows\//.test(source));
  for (const source of sources) {
    const found = await run('clang', [...compilerFlags(), '--analyze', '--analyzer-output', 'text', source], {
      cwd: root,
    });
    if (found !== '') throw new CommandError(`the analyzer finds something in ${source}`, { output: found });
  }
  process.stdout.write(`the analyzer finds nothing in ${sources.length} files\n`);
  return 0;
}

function objectsWithoutEngine(kind) {
  const sources = [
    ...sourcesIn('driver/windows/common'),
    ...sourcesIn('driver/simulator/nt'),
    'driver/test/unit/test.c',
  ];
  return sources.map((source) => objectOf(source, kind));
}

function sourcesIn(folder) {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.c'))
    .map((file) => `${folder}/${file}`);
}

function allSources() {
  const ours = [
    'driver/windows/common',
    'driver/windows/wfp',
    'driver/simulator/nt',
    'driver/simulator/wfp',
    'driver/test/unit',
  ].flatMap(sourcesIn);
  // A program's own file, and what makes the simulated engine a driver of Windows.
  return ours.filter((file) => !file.endsWith('_test.c') && file !== 'driver/simulator/wfp/device.c');
}

function names(folder, ending) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(ending))
    .map((file) => basename(file, ending));
}

/** Two at a time; a header that is newer than an object has it made again. */
async function compileAll(sources, kind, sanitizer) {
  mkdirSync(join(output, kind), { recursive: true });
  const newest = newestHeader('driver');
  const waiting = [...sources];
  const work = async () => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift())
      await compile(source, kind, sanitizer, newest);
  };
  await Promise.all([work(), work()]);
  return sources.map((source) => objectOf(source, kind));
}

async function compile(source, kind, sanitizer, newest) {
  const object = objectOf(source, kind);
  const time = statSync(object, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (time > Math.max(newest, statSync(join(root, source)).mtimeMs)) return;
  const checks = [`-fsanitize=${sanitizer}`, '-fno-sanitize-recover=all'];
  const flags = ['-g', '-O1', '-fno-omit-frame-pointer', ...checks];
  const version = kind === older ? ['-DNETFLOW_BEFORE_WINDOWS_10'] : [];
  await run('clang', [...compilerFlags(), ...version, ...flags, '-c', source, '-o', object], { cwd: root });
}

/** The kernel's types, and whatever is common to all programs. */
function compilerFlags() {
  return [
    ...['-std=gnu11', '-fshort-wchar', '-pthread'],
    ...['-Wall', '-Wextra', '-Werror', '-Wno-multichar', '-Wno-four-char-constants'],
    ...[
      '-DNETFLOW_SIMULATED',
      `-DNETFLOW_VERSION="${packageVersion()}"`,
      '-Idriver/simulator/nt',
      '-Idriver/test/unit',
    ],
  ];
}

function objectOf(source, kind) {
  return join(output, kind, `${source.replaceAll('/', '-')}.o`);
}

function newestHeader(folder) {
  const files = readdirSync(join(root, folder), { recursive: true }).filter((file) => file.endsWith('.h'));
  return Math.max(...files.map((file) => statSync(join(root, folder, file)).mtimeMs));
}
