import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUp, onCleanUp } from '../support/cleanup.js';
import { buildClients } from './support/clients.js';
import { ended, sleep, until } from '../support/commands.js';
import { isRoot, skipWithout } from '../support/machine.js';
import { KB, limits, MB, removeLimits, startWithoutLimits } from './support/limits.js';
import { list, mustSucceed, netflow, startNetflow, stopDriver } from './support/netflow.js';
import { pumpAs, startFlow } from './support/pump.js';

/** Kills at random moments of applying a policy. */
const kills = 200;
const manyRules = 1000;

describe('policies', function () {
  this.timeout(180_000);

  let folder = '';
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  before(async function () {
    if (!isRoot()) skipWithout(this, 'only root may limit');
    buildClients();
    folder = mkdtempSync(join(tmpdir(), 'netflow-policies-'));
    onCleanUp(() => rmSync(folder, { recursive: true }));
    await startWithoutLimits();
  });
  afterEach(removeLimits);
  after(cleanUp);

  const csv = 'Path,Upload,Download,Shared\n/opt/a,1MB,none,false\n"/opt/b, c",,10mbit,true\n';
  const json = JSON.stringify({
    rules: [
      { path: '/opt/b, c', download: '10mbit', shared: true },
      { path: '/opt/a', upload: 1_048_576 },
    ],
  });
  const inForce = [
    { target: 'path', processId: null, path: '/opt/a', uploadLimit: MB, downloadLimit: null, shared: false },
    { target: 'path', processId: null, path: '/opt/b, c', uploadLimit: null, downloadLimit: 1_250_000, shared: true },
  ].map((rule) => ({ ...rule, source: 'policy', processes: 0 }));

  for (const [name, text] of [
    ['rules.csv', csv],
    ['rules.json', json],
    ['windows.csv', `\ufeff${csv.replaceAll('\n', '\r\n')}`],
    ['columns.CSV', 'shared,PATH,download,upload\n,/opt/a,,1MB\n\nyes,"/opt/b, c",10MBIT/s,none\n'],
  ] as const) {
    it(`are what ${name} says, and what they write is the same`, async () => {
      const file = write(name, text);
      assert.equal((await netflow('policy', 'test', file)).code, 1);
      await mustSucceed('policy', 'apply', file);
      assert.deepEqual(await limits(), inForce);
      assert.equal(await mustSucceed('policy', 'test', file), '');
      for (const copy of ['copy.csv', 'copy.json']) {
        await mustSucceed('policy', 'export', join(folder, copy));
        await mustSucceed('policy', 'test', join(folder, copy));
      }
      assert.equal(await mustSucceed('policy', 'export'), readFileSync(join(folder, 'copy.csv'), 'utf8'));
    });
  }

  it('replace each other, and leave what was set by hand', async () => {
    await mustSucceed('limit', 'set', '--path', '/opt/hand', '--upload', '2MB');
    await mustSucceed('policy', 'apply', write('first.csv', csv));
    const second = write('second.csv', 'Path,Upload,Download,Shared\n/opt/a,2MB,,\n/opt/d,,1MB,\n');
    const { code, stdout } = await netflow('policy', 'test', second);
    assert.deepEqual([code, stdout.split('\n').length], [1, 4]);
    assert.match(stdout, /^\/opt\/a: 2\.0 MB\/s up and none down in the file, 1\.0 MB\/s up and none down on this/mu);
    assert.match((await netflow('policy', 'apply', second)).stderr, /1 added, 1 changed, 1 removed/u);
    assert.deepEqual(
      (await limits()).map(({ path, source }) => `${path} ${source}`),
      ['/opt/a policy', '/opt/d policy', '/opt/hand local'],
    );
    assert.equal((await netflow('limit', 'remove', '--path', '/opt/a')).code, 5);
  });

  const wrong: [string, string, RegExp][] = [
    [
      'rate.csv',
      'Path,Upload,Download,Shared\n/opt/x,1MB,,\n/opt/y,10Mbps,,\n',
      /rate\.csv, line 3, column 2 \(Upload\)/u,
    ],
    ['path.csv', 'Path,Upload,Download,Shared\nbin/x,1MB,,\n', /path\.csv, line 2, column 1 \(Path\)/u],
    ['low.csv', 'Path,Upload,Download,Shared\n/opt/x,,1000,\n', /line 2, column 3 \(Download\).*1KB/u],
    ['shared.csv', 'Path,Upload,Download,Shared\n/opt/x,1MB,,maybe\n', /line 2, column 4 \(Shared\)/u],
    ['twice.csv', 'Path,Upload,Download,Shared\n/opt/x,1MB,,\n/opt/x,2MB,,\n', /line 3: .*already.*line 2/u],
    ['short.csv', 'Path,Upload,Download,Shared\n/opt/x,1MB\n', /line 2: it has 2 columns/u],
    ['header.csv', 'Path,Up,Download,Shared\n/opt/x,1MB,,\n', /line 1: there is no column Upload/u],
    ['quote.csv', 'Path,Upload,Download,Shared\n"/opt/x,1MB,,\n', /quote\.csv/u],
    ['empty.csv', '', /line 1/u],
    ['text.json', 'rules', /text\.json/u],
    ['rate.json', '{"rules":[{"path":"/opt/x"},{"path":"/opt/y","upload":-1}]}', /rules\[1\]\.upload/u],
    ['field.json', '{"rules":[{"path":"/opt/x","limit":1}]}', /rules\[0\].*"limit"/u],
    ['path.json', '{"rules":[{"upload":4096}]}', /rules\[0\]\.path/u],
    ['rules.json', '{"rules":{}}', /\{"rules": \[…\]\}/u],
    ['rules.txt', csv, /\.csv or \.json/u],
  ];
  it('change nothing where anything is wrong, and say where', async () => {
    await mustSucceed('policy', 'apply', write('right.csv', csv));
    for (const [name, text, message] of wrong) {
      const { code, stderr, stdout } = await netflow('policy', 'apply', write(name, text));
      assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], stderr);
      assert.match(stderr, message);
      assert.deepEqual(await limits(), inForce);
    }
    for (const path of [join(folder, 'none.csv'), folder, '/dev/zero']) {
      assert.notEqual((await netflow('policy', 'apply', path)).code, 0);
    }
  });

  it('follow a link to an executable, also where it changes', async () => {
    const [one, two] = [pumpAs('one'), pumpAs('two')];
    const link = join(folder, 'link');
    symlinkSync(one, link);
    await mustSucceed('policy', 'apply', write('link.csv', `Path,Upload,Download,Shared\n${link},3MB,,\n`));
    const flow = await startFlow({ programs: { send: one, receive: two }, warmUpMs: 0, measureMs: 9000 });
    const limitOf = async (pid: number) => (await list('--pid', pid))[0]?.uploadLimit;
    await until('the link holds', async () => (await limitOf(flow.pids.send)) === 3 * MB);
    rmSync(link);
    symlinkSync(two, link);
    await until('the new link holds', async () => (await limitOf(flow.pids.receive)) === 3 * MB);
    assert.equal(await limitOf(flow.pids.send), null);
    await flow.result;
  });

  it('are there again after a restart of the driver', async () => {
    const program = pumpAs('restarted');
    const file = write('restart.csv', `Path,Upload,Download,Shared\n${program},1MB,,\n`);
    await mustSucceed('policy', 'apply', file);
    await stopDriver();
    assert.equal((await limits()).length, 1);
    await mustSucceed('policy', 'test', file);
    await mustSucceed('driver', 'start');
    const flow = await startFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 1000 });
    assert.equal((await list('--pid', flow.pids.send))[0]?.uploadLimit, MB);
    await flow.result;
  });

  it(`are the old or the new ones after each of ${kills} kills, and hold in the end`, async () => {
    const program = pumpAs('survivor');
    const fileOf = (rate: number): string =>
      write(`${rate}.csv`, `Path,Upload,Download,Shared\n${program},${rate},,\n/opt/other,${rate},${rate},true\n`);
    const rates = [MB, 2 * MB];
    const files = rates.map(fileOf);
    await mustSucceed('policy', 'apply', files[0] ?? '');
    const slowest = 250;
    for (let kill = 0; kill < kills; kill++) {
      const child = startNetflow('policy', 'apply', files[kill % 2] ?? '');
      await sleep(Math.random() * slowest);
      child.kill('SIGKILL');
      await ended(child);
      if (kill % 10 !== 0) continue;
      const set = await limits();
      assert.equal(set.length, 2);
      assert.equal(new Set(set.map(({ uploadLimit }) => uploadLimit)).size, 1, 'half a policy');
    }
    const [saved] = await limits();
    assert.ok(saved);
    const flow = await startFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 8000 });
    await until('the kernel has what was saved', async () => {
      const [row] = await list('--pid', flow.pids.send);
      return row?.uploadLimit === saved.uploadLimit;
    });
    await mustSucceed('policy', 'apply', fileOf(3 * MB));
    assert.deepEqual(readdirSync('/var/lib/netflow'), ['rules.json'], 'nothing of those that were killed stays');
    await flow.result;
  });

  it('are all there where several are set at once', async () => {
    const paths = Array.from({ length: 8 }, (_, index) => `/opt/at-once/${index}`);
    await Promise.all(paths.map((path) => mustSucceed('limit', 'set', '--path', path, '--upload', '1MB')));
    assert.deepEqual(
      (await limits()).map(({ path }) => path),
      paths,
    );
  });

  it(`hold with ${manyRules} rules`, async () => {
    const program = pumpAs('among-many');
    const others = Array.from({ length: manyRules - 1 }, (_, index) => `/opt/many/${index},${100 + index}KB,,`);
    const file = write('many.csv', ['Path,Upload,Download,Shared', ...others, `${program},5MB,,`].join('\n'));
    await mustSucceed('policy', 'apply', file);
    assert.equal((await limits()).length, manyRules);
    const flow = await startFlow({ programs: { send: program }, warmUpMs: 0, measureMs: 1000 });
    assert.equal((await list('--pid', flow.pids.send))[0]?.uploadLimit, 5 * MB);
    await flow.result;
  });
});

describe('limits that are none', function () {
  this.timeout(120_000);

  before(async function () {
    if (!isRoot()) skipWithout(this, 'only root may limit');
    await startWithoutLimits();
  });
  after(cleanUp);

  const rates = [
    '-1',
    '0',
    'NaN',
    '1e300',
    'Infinity',
    '5Mbps',
    '1023',
    '0.5KB',
    '',
    '99999999999999999999',
    '0x10',
    '1,5MB',
  ];
  const cases: [string, number, string[]][] = [
    ...rates.map((rate): [string, number, string[]] => [`rate ${rate}`, 2, ['--path', '/opt/x', `--upload=${rate}`]]),
    ['a process that is not there', 5, ['--pid', '4194303', '--upload', '1MB']],
    ['a thread of the kernel', 2, ['--pid', '2', '--upload', '1MB']],
    ['a relative path', 2, ['--path', 'bin/sh', '--upload', '1MB']],
    ['a path with a line break', 2, ['--path', '/opt/a\nb', '--upload', '1MB']],
    ['a path of 4096 bytes', 2, ['--path', `/${'x/'.repeat(2047)}y`, '--upload', '1MB']],
    ['a folder', 2, ['--path', '/usr/bin', '--upload', '1MB']],
    ['a folder that is not there', 2, ['--path', '/opt/x/', '--upload', '1MB']],
    ['the root', 2, ['--path', '/', '--upload', '1MB']],
    ['nothing to limit', 2, ['--path', '/opt/x']],
    ['nobody to limit', 2, ['--upload', '1MB']],
    ['a limit for one that is shared', 2, ['--pid', String(process.pid), '--upload', '1MB', '--shared']],
  ];
  for (const [what, code, args] of cases) {
    it(`are refused with one line and change nothing: ${what}`, async () => {
      const outcome = await netflow('limit', 'set', ...args);
      assert.deepEqual([outcome.code, outcome.stdout], [code, ''], outcome.stderr);
      assert.match(outcome.stderr, /^netflow: [^\n]+\n$/u);
      assert.deepEqual(await limits(), []);
    });
  }

  it('are not taken from a file that others may write', async () => {
    const file = '/var/lib/netflow/rules.json';
    await mustSucceed('limit', 'set', '--path', '/opt/x', '--upload', `${500 * KB}`);
    chmodSync(file, 0o666);
    const { code, stderr } = await netflow('limit', 'list');
    assert.equal(code, 1);
    assert.match(stderr, /can be written by others than root/u);
    chmodSync(file, 0o600);
    await removeLimits();
  });
});
