// `npm test`: builds what isn't built, installs what the tests need and runs every suite.
//
//   npm test -- --list            name the suites
//   npm test -- --suite NAME      run one; may be repeated
//   npm test -- --node 22         on another Node.js than the one that NetFlow runs on here
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { suites } from './suites.mjs';
import { build } from './support/build.mjs';
import { CommandError, main } from './support/command.mjs';
import { putRulesAside, putRulesBack } from './support/machine-rules.mjs';
import { driverStatus, unmetNeed } from './support/needs.mjs';
import { onRightNode } from './support/node.mjs';
import { commandLine } from './support/project.mjs';
import { runSuite, stopSuites } from './support/suite.mjs';

const nameWidth = 1 + Math.max(...suites.map(({ name }) => name.length));
let usesDriver = false;
let startsDriver = false;

await main('test', async () => {
  const { list, suite: names, node } = readArguments();
  if (list) {
    for (const { name, about } of suites) process.stdout.write(`${name.padEnd(nameWidth)}${about}\n`);
    return 0;
  }
  for (const unknown of names.filter((name) => !suites.some((suite) => isCalled(suite, name)))) {
    throw new CommandError(`no suite is called ${unknown}; see: npm test -- --list`, { exitCode: 2 });
  }
  const chosen = suites.filter((suite) => names.length === 0 || names.some((name) => isCalled(suite, name)));
  const code = await onRightNode(node);
  if (code !== undefined) return code;

  process.once('SIGINT', () => interrupt('SIGINT', 130));
  process.once('SIGTERM', () => interrupt('SIGTERM', 143));
  await build();
  usesDriver = process.getuid() === 0 && chosen.some(({ needs }) => needs?.includes('driver'));
  startsDriver = usesDriver && driverStatus()?.state !== 'running';
  if (usesDriver) putRulesAside();
  try {
    return summarize(await runAll(chosen));
  } finally {
    leaveDriver();
  }
});

/** By its own name, or as one of several for different versions of Node.js. */
function isCalled(suite, name) {
  return suite.name === name || suite.name.startsWith(`${name},`);
}

async function runAll(chosen) {
  const results = [];
  const problems = bringNeeds(chosen);
  const inTurn = atMost(2);
  const running = []; // promises of what runs in the background
  const ended = [];
  const report = () => results.push(...ended.splice(0).map((tell) => tell()));
  for (const [index, suite] of chosen.entries()) {
    process.stdout.write(`\n[${index + 1}/${chosen.length}] ${suite.name}: ${suite.about}\n`);
    if (suite.inBackground && chosen.some(({ inBackground }) => !inBackground)) {
      process.stdout.write('  runs in the background\n');
      const run = (problem) => inTurn(() => reportLater({ suite, problem }));
      running.push(
        problems
          .get(suite)
          .then(run)
          .then((tell) => ended.push(tell)),
      );
      continue;
    }
    if (suite.alone) await Promise.all(running);
    results.push(await runOne({ suite, problem: await problems.get(suite) }));
    report();
  }
  await Promise.all(running);
  report();
  return results;
}

/** Brings what the suites need, one after the other, while the first ones run. Returns the problem of each, if any. */
function bringNeeds(chosen) {
  let last = Promise.resolve();
  return new Map(chosen.map((suite) => [suite, (last = last.then(() => unmetNeed(suite)))]));
}

/** Returns a function that runs what it is given at once, or as soon as fewer than so many run. */
function atMost(many) {
  const waiting = [];
  let running = 0;
  return async (work) => {
    if (running === many) await new Promise((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

async function runOne({ suite, problem }, output) {
  const started = Date.now();
  const skipped = { passed: [], failed: [], skipped: [`the suite ${suite.name} (${problem})`] };
  if (problem) process.stdout.write(`  skipped: ${problem}\n`);
  const result = problem ? skipped : await runSuite(suite, output);
  return { name: suite.name, seconds: (Date.now() - started) / 1000, ...result };
}

/** Returns, when the suite has ended, a function that reports it and returns its result. */
async function reportLater(begun) {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-output-'));
  const file = join(folder, 'output');
  const output = openSync(file, 'w');
  const result = await runOne(begun, output);
  closeSync(output);
  return () => {
    process.stdout.write(`\n${result.name}, in the background:\n`);
    process.stdout.write(readFileSync(file));
    rmSync(folder, { recursive: true });
    return result;
  };
}

function summarize(results) {
  const row = (name, ...cells) =>
    `${name.padEnd(nameWidth)}${cells.map((cell) => String(cell).padStart(9)).join('')}\n`;
  process.stdout.write(`\n${row('suite', 'passed', 'failed', 'skipped', 'seconds')}`);
  for (const { name, passed, failed, skipped, seconds } of results) {
    process.stdout.write(row(name, passed.length, failed.length, skipped.length, seconds.toFixed(1)));
  }
  const all = (kind) => results.flatMap((result) => result[kind]);
  for (const name of all('failed')) process.stdout.write(`failed: ${name}\n`);
  for (const name of all('skipped'))
    process.stdout.write(`skipped${process.env.CI ? ', which CI takes as failed' : ''}: ${name}\n`);

  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((kind) => all(kind).length);
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed > 0 || passed === 0 || (process.env.CI && skipped > 0) ? 1 : 0;
}

function readArguments() {
  try {
    const options = {
      list: { type: 'boolean' },
      suite: { type: 'string', multiple: true, default: [] },
      node: { type: 'string' },
    };
    return parseArgs({ options }).values;
  } catch (error) {
    throw new CommandError(error.message, { exitCode: 2 });
  }
}

// Stops a driver that a suite has left running, but not one that ran before the tests.
function leaveDriver() {
  if (startsDriver && driverStatus()?.state === 'running') {
    spawnSync(process.execPath, [commandLine, 'driver', 'stop'], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  if (usesDriver) putRulesBack();
}

function interrupt(signal, code) {
  stopSuites(signal);
  leaveDriver();
  process.exit(code);
}
