// Runs one suite and counts its tests: { passed, failed, skipped } are lists of names, each with its error if any.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeProgram } from './node.mjs';
import { pesterManifest, pwsh } from './powershell.mjs';
import { root } from './project.mjs';
import { windowsPath } from './wine.mjs';

const running = new Set();

/** Ends what a suite runs, with all that it started in turn. */
export function stopSuites(signal) {
  for (const child of running) killGroup(child, signal);
}

/** Runs a suite, whose tests write to `output`, an open file, or where this program writes. */
export async function runSuite(suite, output = 'inherit') {
  const deadline = Date.now() + suite.minutes * 60_000;
  const result = { passed: [], failed: [], skipped: [] };
  for (const check of suite.checks ?? []) await runCheck(check, deadline, result, output);
  if (suite.tap) await runTap(suite, deadline, result, output);
  if (suite.mocha) await runTests(suite, deadline, result, mochaCommand, output);
  if (suite.wine) await runTests(suite, deadline, result, wineCommand, output);
  if (suite.pester) await runTests(suite, deadline, result, pesterCommand, output);
  return result;
}

async function runCheck({ name, command }, deadline, result, output) {
  write(output, `  ${name} …\n`);
  const problem = await runUntil(deadline, command, { output });
  result[problem ? 'failed' : 'passed'].push(name);
  write(output, `  ${problem ? `✗ failed: ${problem}` : '✓'}\n`);
}

function write(output, text) {
  if (output === 'inherit') process.stdout.write(text);
  else writeSync(output, text);
}

/** A command whose output is TAP. One that fails without any test's having failed has failed as a whole. */
async function runTap({ name, tap }, deadline, result, output) {
  const before = result.failed.length;
  let count = 0;
  const onLine = (line) => {
    const [, failed, title] = /^(not )?ok\b[\s\d]*-?\s*(.*)$/.exec(line) ?? [];
    if (title === undefined) return;
    count++;
    result[failed ? 'failed' : 'passed'].push(title);
  };
  const problem = await runUntil(deadline, tap, { onLine, output });
  if (count === 0) result.failed.push(`${name} has no tests`);
  else if (problem && result.failed.length === before)
    result.failed.push(`${name} did not come to its end: ${problem}`);
}

// Each runner writes a line of JSON for each test into a file, and one that says that it came to the end.
async function runTests(suite, deadline, result, commandOf, output) {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-results-'));
  const results = join(folder, 'results');
  const problem = await runUntil(deadline, commandOf(suite, results), { output });

  const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean).map(JSON.parse) : [];
  rmSync(folder, { recursive: true });
  for (const { result: kind, title, error } of lines) result[kind]?.push(error ? `${title}: ${error}` : title);
  const complete = lines.at(-1)?.result === 'end';
  if (complete && lines.length === 1) result.failed.push(`${suite.name} has no tests`);
  if (!complete || (problem && result.failed.length === 0)) {
    result.failed.push(`${suite.name} did not come to its end: ${problem ?? 'no result of its last test'}`);
  }
}

function mochaCommand({ mocha, node, inBackground }, results) {
  const reporter = ['--reporter', join(root, 'scripts/mocha-reporter.mjs'), '--reporter-option', `results=${results}`];
  const program = node ? nodeProgram(node) : process.execPath;
  const patience = inBackground ? ['--timeout', '300s'] : []; // it gets little of a busy machine's time
  return [program, join(root, 'node_modules/mocha/bin/mocha.js'), '--forbid-only', ...patience, ...reporter, ...mocha];
}

// Every path in the words of Windows, whose programs take them.
function wineCommand({ wine }, results) {
  const reporter = windowsPath(join(root, 'scripts/mocha-reporter.mjs'));
  const options = ['--reporter', reporter, '--reporter-option', `results=${windowsPath(results)}`];
  const required = ['--require', `${wine}/support/platform.js`];
  return [
    process.execPath,
    'scripts/wine-mocha.mjs',
    '--no-color',
    '--forbid-only',
    ...options,
    ...required,
    `${wine}/*.test.js`,
  ];
}

// PowerShell's telemetry would look a name up half a minute after a shell's start, which is traffic of that shell: 92 bytes.
function pesterCommand({ pester }, results) {
  const script = join(root, 'scripts/run-pester.ps1');
  const args = ['-Pester', pesterManifest, '-Path', join(root, pester), '-Results', results];
  return ['env', 'POWERSHELL_TELEMETRY_OPTOUT=1', pwsh, '-NoProfile', '-NonInteractive', '-File', script, ...args];
}

/** Runs a command in a process group of its own; returns what went wrong, or undefined. `onLine` sees what it writes. */
async function runUntil(deadline, [program, ...args], { onLine, output = 'inherit' } = {}) {
  const stdio = ['ignore', onLine ? 'pipe' : output, output];
  const child = spawn(program, args, { cwd: root, detached: true, stdio });
  running.add(child);
  if (output !== 'inherit' && child.pid) giveWay(child.pid); // it runs in the background
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      write(output, `  ${line}\n`);
      onLine(line);
    });
  }
  let late = false;
  const watchdog = setTimeout(() => {
    late = true;
    killGroup(child, 'SIGTERM');
    setTimeout(killGroup, 5000, child, 'SIGKILL').unref();
  }, deadline - Date.now());
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (status, signal) => resolve(status ?? signal));
    });
    if (late) return 'took too long';
    return code === 0 ? undefined : `exit code ${code}`;
  } catch (error) {
    return error.message;
  } finally {
    clearTimeout(watchdog);
    running.delete(child);
  }
}

/**
 * A priority counts within a session only where Linux schedules each session as a group (sched(7), autogroup), and this
 * one is a session of its own.
 */
function giveWay(processId) {
  setPriority(processId, constants.priority.PRIORITY_LOW);
  const session = `/proc/${processId}/autogroup`;
  if (existsSync(session)) writeFileSync(session, String(constants.priority.PRIORITY_LOW));
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}
