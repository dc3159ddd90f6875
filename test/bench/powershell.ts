import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onCleanUp } from '../support/cleanup.js';
import { runNow } from '../support/commands.js';
import { isRoot } from '../support/machine.js';
import { projectRoot } from '../support/paths.js';
import { buildClients, startClient } from './support/clients.js';
import { keepDriver, setDriver } from './support/driver.js';
import { atMost, median, plain, ratioText } from './support/numbers.js';
import { enter, say } from './support/progress.js';
import { print, runBenchmark, type Report } from './support/report.js';

const manifest = join(projectRoot, 'dist', 'module', 'NetFlow', 'NetFlow.psd1');
const script = join(projectRoot, 'test', 'bench', 'powershell.ps1');
const reader = join(projectRoot, 'dist', 'test', 'bench', 'reader.js');
const manyCalls = 10_000;

/** What powershell.ps1 says; milliseconds and MB. */
interface Reading {
  import: number;
  first: number;
  rows: number;
  warm: number[];
  getProcess: number[];
  processes: number;
  memory: number[];
}

/** What reader.ts says. */
interface LibraryReading {
  milliseconds: { list: number[] };
}

/** What the PowerShell module costs its user, and Get-Process beside it. */
async function main(): Promise<void> {
  const options = { quick: { type: 'boolean' }, pwsh: { type: 'string' }, compiled: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  if (!isRoot()) throw new Error('loading the driver requires root');
  if (!values.pwsh || !values.compiled) throw new Error('--pwsh or --compiled is missing; npm run bench gives them');
  const pwsh = new Shell(values.pwsh);
  const compiled = new Shell('dotnet', values.compiled);
  const runs = values.quick ? 3 : 12;
  buildClients();
  keepDriver();
  setDriver(true);
  enter('[1/4]');
  print(start('A new shell, of PowerShell compiled ahead, as its packages are', compiled, runs));
  enter('[2/4]');
  print(start('A new shell, of PowerShell as NuGet has it, which is not compiled ahead', pwsh, runs));
  enter('[3/4]');
  print(await calls(pwsh, values.quick ? 10 : 50));
  enter('[4/4]');
  print(memory(pwsh, values.quick ? manyCalls / 10 : manyCalls));
}

/** PowerShell writes down what its modules have only so long after its start; without, each shell looks for itself. */
const noteSeconds = 15;

class Shell {
  readonly #program: string;
  readonly #args: readonly string[];

  constructor(program: string, ...args: readonly string[]) {
    this.#program = program;
    this.#args = [...args, '-NoProfile', '-NonInteractive'];
  }

  warmUp(): void {
    this.elapsed(`$null = Get-Command Select-Object, Get-Process; Start-Sleep ${noteSeconds}`);
  }

  /** Milliseconds that a command takes, the shell's own start and end included. */
  elapsed(command: string): number {
    const begin = performance.now();
    const { status, stderr } = spawnSync(this.#program, [...this.#args, '-Command', command]);
    if (status !== 0) throw new Error(`pwsh failed: ${stderr.toString()}`);
    return performance.now() - begin;
  }

  /** Milliseconds that an import takes in a new shell. */
  importing(module: string): number {
    const command = `$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '${module.replaceAll("'", "''")}'; [string] $watch.Elapsed.TotalMilliseconds`;
    return Number(runNow(this.#program, ...this.#args, '-Command', command));
  }

  read(repetitions: number, many = 0): Reading {
    const args = ['-Manifest', manifest, '-Calls', String(repetitions), '-ManyCalls', String(many)];
    return JSON.parse(runNow(this.#program, ...this.#args, '-File', script, ...args)) as Reading;
  }
}

function start(title: string, pwsh: Shell, runs: number): Report {
  const series = ['bare', 'import', 'otherImport', 'first', 'otherFirst', 'getProcess'] as const;
  const times = Object.fromEntries(series.map((name) => [name, [] as number[]])) as Record<
    (typeof series)[number],
    number[]
  >;
  const load = `Import-Module '${manifest.replaceAll("'", "''")}'`;
  const other = otherModule();
  say('start: a shell that writes down what its modules have');
  pwsh.warmUp();
  for (let run = 0; run < runs; run++) {
    say(`start: round ${run + 1} of ${runs}`);
    times.bare.push(pwsh.elapsed('$null'));
    times.import.push(pwsh.importing(manifest));
    times.otherImport.push(pwsh.importing(other));
    times.first.push(pwsh.elapsed(`${load}; $null = Get-ProcessTraffic | Select-Object -First 1`));
    times.otherFirst.push(pwsh.elapsed(`Import-Module '${other}'; $null = Get-Other | Select-Object -First 1`));
    times.getProcess.push(pwsh.elapsed('$null = Get-Process | Select-Object -First 1'));
  }
  const beyond = (values: readonly number[]): number =>
    median(values.map((value, index) => value - (times.bare[index] ?? NaN)));
  const milliseconds = (value: number): string => `${plain(value)} ms`;
  const row = (what: string, value: number, aim?: number): string[] => [
    what,
    milliseconds(value),
    aim === undefined ? '' : atMost(aim, value, 'ms'),
  ];
  return {
    title,
    head: ['', 'median', 'aim'],
    rows: [
      row('pwsh that does nothing', median(times.bare)),
      row('Import-Module', median(times.import), 100),
      row('Import-Module of a module with one function', median(times.otherImport)),
      row('first object of Get-ProcessTraffic, beyond pwsh', beyond(times.first), 200),
      row('first object of that function, beyond pwsh', beyond(times.otherFirst)),
      row('first object of Get-Process, beyond pwsh', beyond(times.getProcess)),
    ],
    notes: [`Medians of ${runs} shells each, taken in turns.`],
  };
}

/** What no module of functions can be quicker than: one, which makes one object. */
function otherModule(): string {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-bench-'));
  onCleanUp(() => rmSync(folder, { recursive: true }));
  const body = '[CmdletBinding()] param([string[]] $Name) end { [pscustomobject] @{ Id = 1 } }';
  writeFileSync(join(folder, 'Other.psm1'), `function Get-Other { ${body} }\n`);
  const exports = "@{ RootModule = 'Other.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @('Get-Other') }\n";
  writeFileSync(join(folder, 'Other.psd1'), exports);
  return join(folder, 'Other.psd1');
}

async function calls(pwsh: Shell, repetitions: number): Promise<Report> {
  const rows: string[][] = [];
  for (const [processes, aim] of [
    [100, 2],
    [10_000, 25],
  ] as const) {
    say(`calls: ${processes} processes`);
    const crowd = await startClient('crowd', processes);
    const reading = pwsh.read(repetitions);
    const library = JSON.parse(runNow(process.execPath, reader, 'list', String(repetitions))) as LibraryReading;
    await crowd.end();
    const list = median(library.milliseconds.list.slice(1));
    const [warm, peer] = [median(reading.warm), median(reading.getProcess)];
    rows.push([
      `${reading.rows.toLocaleString('en')} rows`,
      `${plain(warm)} ms`,
      atMost(aim, warm, 'ms'),
      `${plain(list)} ms`,
      `${plain(peer)} ms`,
      ratioText(warm / peer),
    ]);
  }
  return {
    title: 'A warm call: Get-ProcessTraffic, and Get-Process on the same machine',
    head: ['', 'Get-ProcessTraffic', 'aim', 'of it the library', 'Get-Process', 'ratio'],
    rows,
    notes: [
      `Medians of ${repetitions} calls. The library's list(), without PowerShell, reads the driver: that is in each call.`,
    ],
  };
}

function memory(pwsh: Shell, many: number): Report {
  say(`memory: ${many} calls`);
  const readings = pwsh.read(1, many).memory;
  return {
    title: `The host's resident memory over ${many.toLocaleString('en')} calls`,
    head: ['calls', ...readings.map((_, index) => `${index * 10} %`)],
    rows: [['MB', ...readings.map(plain)]],
  };
}

await runBenchmark(main);
