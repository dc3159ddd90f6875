import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { netflow } from '../../support/command-line.js';
import { MemoryDriver, processRecord } from '../../support/memory-driver.js';

/** What the commands that change something do, and say of it on standard error. */
describe('changing commands', () => {
  let driver: MemoryDriver;
  let folder = '';
  const run = (...args: string[]) => netflow(args, { driver });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const csv = (...lines: string[]): string => ['Path,Upload,Download,Shared', ...lines, ''].join('\n');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netflow-commands-'));
    driver = new MemoryDriver();
    driver.processes = [processRecord({ processId: 7, path: '/opt/a' })];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const absent = (path: string): string =>
    `There is no "${path}" yet: the limit will hold for what comes there.\nnetflow: `;
  const set: [string, string][] = [
    ['--pid 7 --upload 1MB', 'limit of process 7: upload 1MB, download none'],
    ['--pid 7 --upload none --download none', 'limit of process 7: upload none, download none'],
    [
      '--path /opt/a --download 10mbit',
      `${absent('/opt/a')}limit of /opt/a: upload none, download 10mbit; in force for 1 process now`,
    ],
    [
      '--path /opt/b --upload 1KB --download 2KB --shared',
      `${absent('/opt/b')}limit of /opt/b: upload 1KB, download 2KB, shared; in force for 0 processes now`,
    ],
    [
      '--path /opt/b --shared',
      `${absent('/opt/b')}limit of /opt/b: upload none, download none, shared; in force for 0 processes now`,
    ],
  ];
  for (const [args, said] of set) {
    it(`limit set ${args} says so`, async () => {
      const outcome = await run('limit', 'set', ...args.split(' '));
      assert.deepEqual(outcome, { code: 0, stdout: '', stderr: `netflow: ${said}\n` });
    });
  }

  const refused: [string, number, RegExp][] = [
    ['limit set --pid 4194303 --upload 1MB', 5, /no process 4194303/],
    ['limit set --pid 7 --upload 1MB --shared', 2, /shared/],
    ['limit set --path bin/sh --upload 1MB', 2, /"bin\/sh" does not begin with \//],
    ...['-1', '0', 'NaN', '1e300', 'Infinity', '1023', '0.5KB', '', '9'.repeat(20), '0x10', '1,5MB'].map(
      (rate): [string, number, RegExp] => [`limit set --path /opt/x --upload=${rate}`, 2, /--upload/],
    ),
    ['limit remove --path /opt/x', 5, /no rule for \/opt\/x/],
    ['policy apply /opt/none.csv', 1, /\/opt\/none\.csv can't be read: no such file or directory\.$/m],
    ['policy test /opt/none.txt', 1, /can't be read/],
    ['measure -- /opt/none/command', 127, /The command \/opt\/none\/command was not found/],
    ['measure -- /etc/passwd', 126, /\/etc\/passwd can't be run: it is not executable/],
  ];
  for (const [line, code, message] of refused) {
    it(`${line} changes nothing and says so in one line`, async () => {
      const outcome = await run(...line.split(' '));
      assert.deepEqual([outcome.code, outcome.stdout], [code, '']);
      assert.match(outcome.stderr, /^netflow: [^\n]+\n$/);
      assert.match(outcome.stderr, message);
      assert.deepEqual([driver.pathRules, driver.processRules.size], [[], 0]);
    });
  }

  it('limit list writes a table, JSON and CSV', async () => {
    await run('limit', 'set', '--path', '/opt/a', '--upload', '1MB');
    await run('limit', 'set', '--pid', '7', '--download', '2MB');
    assert.match(
      (await run('limit', 'list')).stdout,
      /^Target .*\nprocess +7 +none +2MB +local +1\npath +\/opt\/a +1MB +none +local +1\n$/,
    );
    const [first, second] = JSON.parse((await run('limit', 'list', '--json')).stdout) as object[];
    assert.deepEqual(
      [first, second],
      [
        {
          ...{ target: 'process', processId: 7, path: null, uploadLimit: null, downloadLimit: 2_097_152 },
          ...{ shared: false, source: 'local', processes: 1 },
        },
        {
          ...{ target: 'path', processId: null, path: '/opt/a', uploadLimit: 1_048_576, downloadLimit: null },
          ...{ shared: false, source: 'local', processes: 1 },
        },
      ],
    );
    assert.match(
      (await run('limit', 'list', '--csv')).stdout,
      /\nprocess,7,,,2097152,false,local,1\npath,,\/opt\/a,1048576,/,
    );
  });

  it('limit remove says how many it removed', async () => {
    await run('limit', 'set', '--path', '/opt/a', '--upload', '1MB');
    await run('limit', 'set', '--path', '/opt/b', '--upload', '1MB');
    await run('limit', 'set', '--pid', '7', '--upload', '1MB');
    assert.equal((await run('limit', 'remove', '--path', '/opt/b')).stderr, 'netflow: 1 limit removed\n');
    assert.equal((await run('limit', 'remove', '--all')).stderr, 'netflow: 2 limits removed\n');
    assert.equal((await run('limit', 'remove', '--all')).stderr, 'netflow: 0 limits removed\n');
  });

  it('policy apply says what has changed, test what is not so, export what there is', async () => {
    const first = file('first.csv', csv('/opt/a,1MB,,', '/opt/b,,1MB,yes'));
    const second = file('second.csv', csv('/opt/a,2MB,,', '/opt/c,1MB,,'));
    assert.equal(
      (await run('policy', 'apply', first)).stderr,
      'netflow: Not there yet: "/opt/a", "/opt/b". Limits hold for what comes there.\n' +
        'netflow: policy applied: 2 added, 0 changed, 0 removed\n',
    );
    assert.deepEqual(await run('policy', 'test', second), {
      code: 1,
      stdout: [
        '/opt/a: expected upload 2MB, download none; found upload 1MB, download none\n',
        '/opt/b: expected no rule; found upload none, download 1MB, shared\n',
        '/opt/c: expected upload 1MB, download none; found no rule\n',
      ].join(''),
      stderr: '',
    });
    const [difference] = JSON.parse((await run('policy', 'test', second, '--json')).stdout) as object[];
    assert.deepEqual(difference, {
      path: '/opt/a',
      expected: { path: '/opt/a', upload: 2_097_152, download: null, shared: false },
      actual: { path: '/opt/a', upload: 1_048_576, download: null, shared: false },
    });
    assert.match((await run('policy', 'apply', second)).stderr, /: 1 added, 1 changed, 1 removed\n$/);
    assert.equal((await run('policy', 'apply', second)).stderr, 'netflow: the policy was in force already\n');
    assert.deepEqual(await run('policy', 'test', second), { code: 0, stdout: '', stderr: '' });
    const { stdout } = await run('policy', 'export');
    assert.equal(stdout, csv('/opt/a,2MB,none,false', '/opt/c,1MB,none,false'));
    const copy = join(folder, 'copy.csv');
    assert.deepEqual(await run('policy', 'export', copy), { code: 0, stdout: '', stderr: '' });
    assert.equal(readFileSync(copy, 'utf8'), stdout);
    assert.equal((await run('policy', 'remove')).stderr, 'netflow: 2 limits removed\n');
    assert.equal((await run('policy', 'export')).stdout, csv());
  });

  it('measure ends as its command does, and says what it transferred', async () => {
    driver.measured = { uploadBytes: 3_000_017, downloadBytes: 1_000_003, processes: 2 };
    const { code, stdout, stderr } = await run('measure', '--', 'sh', '-c', 'exit 7');
    assert.deepEqual([code, stdout], [7, '']);
    assert.match(
      stderr,
      /^netflow: sh -c 'exit 7' sent 2\.9 MB \(.*\/s\) and received 977 KB \(.*\/s\) in .*, 2 processes, exit code 7\n$/,
    );
    const json = await run('measure', '--json', '--', 'true');
    const {
      durationMs: _,
      averageUploadSpeed: _up,
      averageDownloadSpeed: _down,
      ...rest
    } = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.deepEqual([json.code, json.stderr], [0, '']);
    assert.deepEqual(rest, { command: 'true', exitCode: 0, ...driver.measured });
  });

  const states: [string, string, string][] = [
    ['start', 'driver started', 'running'],
    ['stop', 'driver stopped', 'stopped'],
    ['install', 'driver installed', 'stopped'],
    ['uninstall', 'driver uninstalled', 'stopped'],
  ];
  for (const [command, said, state] of states) {
    it(`driver ${command} says so, and with --json the state as well`, async () => {
      assert.deepEqual(await run('driver', command), { code: 0, stdout: '', stderr: `netflow: ${said}\n` });
      const { stdout } = await run('driver', command, '--json');
      assert.deepEqual([(JSON.parse(stdout) as { state: string }).state, driver.calls.at(-1)], [state, 'status']);
    });
  }

  it('driver start makes room for as many processes as it is told', async () => {
    await run('driver', 'start', '--max-processes', '99');
    assert.equal(driver.startedWith?.maxProcesses, 99);
  });

  it('driver status says what runs, what was lost and what is missing', async () => {
    await driver.start();
    assert.deepEqual((await run('driver', 'status')).stdout.split('\n'), [
      'Driver        ebpf 1.2.3, running since 2026-01-02T03:04:05.678Z',
      'Lost events   4',
      'Unattributed  2.0 KB',
      'Dropped       3 packets at download limits',
      'Requirements',
      '  missing  BTF: not here',
      '',
    ]);
  });
});
