import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as CommandLine from '../support/command-line.js';
import type * as Memory from '../support/memory-driver.js';
import { projectRoot, temporaryFolder } from '../support/paths.js';

const field = "  totalBytes: { kind: 'bytes', label: 'Total', table: true },";

// In a copy of the project, the files of code that CONTRIBUTING names are given one more field: the lines behind others.
const changes = {
  'core/records.ts': [['  service: string | null;', '  /** Upload & download. */\n  totalBytes: number;']],
  'core/fields.ts': [["  service: { kind: 'text', label: 'Service', table: false },", field]],
  'core/traffic.ts': [['    service: process.service,', '    totalBytes: process.totalBytes,']],
  'core/driver/decode-process.ts': [
    ['  exited: boolean;', '  totalBytes: number;'],
    [
      '    exited: (flags & processFlag.exited) !== 0,',
      '    totalBytes: readUint64(view, offset + layout.uploadBytes) + readUint64(view, offset + layout.downloadBytes),',
    ],
  ],
} as const;

describe('a new column', function () {
  this.timeout(300_000);
  const copy = temporaryFolder();

  before(() => {
    for (const name of ['core', 'bin', 'psmodule', 'scripts', 'test/support', 'package.json', 'tsconfig.json']) {
      cpSync(join(projectRoot, name), join(copy, name), {
        recursive: true,
        filter: (source) => !/node_modules|[/\\]edge[/\\]/.test(source.slice(projectRoot.length)),
      });
    }
    symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });

  it('of the record is refused by the compiler until the table and the core have it', () => {
    change('core/records.ts');
    const { stdout } = runScript('node_modules/@typescript/native/bin/tsc', '--noEmit', '-p', copy);
    assert.match(stdout, /core\/fields\.ts.*'totalBytes' is missing/u);
    assert.match(stdout, /core\/traffic\.ts.*'totalBytes' is missing/u);
  });

  it('of the kernel is then asked of the decoder, and of nothing else', () => {
    change('core/fields.ts');
    change('core/traffic.ts');
    const { stdout } = runScript('node_modules/@typescript/native/bin/tsc', '--noEmit', '-p', copy);
    assert.deepEqual(stdout.match(/^\S+\.ts/gmu), ['core/traffic.ts']);
    assert.match(stdout, /'totalBytes' does not exist on type 'ProcessRecord'/u);
    change('core/driver/decode-process.ts');
  });

  it('is refused by lint until what is generated has it', () => {
    const { status, stderr } = runScript('scripts/generate-records.mjs', '--check');
    assert.notEqual(status, 0);
    assert.match(stderr, /Records\.generated\.cs is not what core\/fields\.ts makes/u);
  });

  it('is in the command line once all is compiled', async () => {
    succeed('node_modules/@typescript/native/bin/tsc', '-p', copy);
    const [row] = JSON.parse(await list('--json')) as { totalBytes?: number }[];
    assert.equal(row?.totalBytes, 1_500_000);
    assert.deepEqual(columnOf(await list('--csv'), ','), ['TotalBytes', '1500000']);
    assert.deepEqual(columnOf(await list(), / {2,}/u), ['Total', '1.4 MB']);
    assert.match(await list('--sort', 'totalBytes'), /Total/u);
  });

  it("is in PowerShell's records, their decoding and both views once these are generated", () => {
    succeed('scripts/generate-records.mjs');
    const client = read(copy, 'psmodule/bridge/client/Records.generated.cs');
    assert.match(client, /<summary>Upload &amp; download\.<\/summary>\n +public long TotalBytes \{ get; set; \}/u);
    assert.match(client, /Service = table\.Text\(row, 15\),\n +TotalBytes = table\.Long\(row, 16\),/u);
    const views = read(copy, 'psmodule/NetFlow.format.ps1xml').replaceAll(/\n */gu, '');
    const value = '<ScriptBlock>[NetFlow.Units]::FormatBytes($_.TotalBytes)</ScriptBlock>';
    assert.ok(views.includes('<Label>Total</Label><Width>7</Width><Alignment>Right</Alignment></TableColumnHeader>'));
    assert.ok(views.includes(`<TableColumnItem>${value}</TableColumnItem></TableColumnItems>`));
    assert.ok(views.includes(`<ListItem><Label>TotalBytes</Label>${value}</ListItem></ListItems>`));
  });

  it('that stands in another place than in the record is refused', () => {
    const table = read(copy, 'core/fields.ts');
    writeFileSync(
      join(copy, 'core/fields.ts'),
      table.replace(field, '').replace('  processId:', `${field}\n  processId:`),
    );
    const { status, stderr } = runScript('scripts/generate-records.mjs', '--check');
    assert.notEqual(status, 0);
    assert.match(stderr, /timedFields of core\/fields\.ts has not the order of TimedTraffic/u);
  });

  function change(file: keyof typeof changes): void {
    for (const [after, added] of changes[file]) {
      const source = read(copy, file);
      assert.equal(source.split(`\n${after}\n`).length, 2, `${file} has one line ${after}`);
      writeFileSync(join(copy, file), source.replace(`\n${after}\n`, `\n${after}\n${added}\n`));
    }
  }

  function runScript(script: string, ...args: string[]) {
    return spawnSync(process.execPath, [join(copy, script), ...args], { cwd: copy, encoding: 'utf8' });
  }

  function succeed(script: string, ...args: string[]): void {
    const { status, stdout, stderr } = runScript(script, ...args);
    assert.equal(status, 0, stdout + stderr);
  }

  async function list(...args: string[]): Promise<string> {
    const { netflow } = await load<typeof CommandLine>('command-line');
    const { MemoryDriver, processRecord } = await load<typeof Memory>('memory-driver');
    const driver = new MemoryDriver();
    const values: object = { uploadBytes: 1, totalBytes: 1_500_000 };
    driver.processes = [processRecord(values)];
    const { code, stdout, stderr } = await netflow(['list', ...args], { driver });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function load<Module>(name: string): Promise<Module> {
    return (await import(pathToFileURL(join(copy, 'dist/test/support', `${name}.js`)).href)) as Module;
  }
});

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
}

/** What stands last in the heading and in the first row. */
function columnOf(output: string, separator: string | RegExp): (string | undefined)[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(separator).at(-1));
}
