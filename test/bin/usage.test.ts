import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError, exitCodeOf, OutputClosed, UsageError } from '../../bin/output/errors.js';
import { NetFlowError, type NetFlowErrorCode } from '../../core/index.js';
import { netflow } from '../support/command-line.js';
import { entry, projectRoot } from '../support/paths.js';

describe('usage', () => {
  const wrong: [string[], RegExp][] = [
    [[], /no command given.*see netflow --help/],
    [['lst'], /unknown command lst \(did you mean list\?\); see netflow --help/],
    [['frobnicate'], /unknown command frobnicate; see/],
    [['-V'], /unknown option -V \(did you mean --version\?\); see netflow --help/],
    [['help', 'lst'], /unknown command lst \(did you mean list\?\)/],
    [['--json', 'list'], /no command given; it comes first/],
    [['list', '--jsn'], /unknown option --jsn \(did you mean --json\?\); see netflow list --help/],
    [['list', '-V'], /unknown option -V; see/],
    [['list', '--no-json'], /unknown option --no-json/],
    [['list', '--pid.x', '1'], /unknown option --pid\.x/],
    [['list', 'extra'], /unknown argument "extra" of list/],
    [['list', '--', 'extra'], /nothing can follow --/],
    [['list', '--pid', '1', '2'], /unknown argument "2" of list/],
    [['list', '--json', '--csv'], /exclude each other/],
    [['watch', '--json', '--csv'], /exclude each other/],
    [['connections', '--json', '--csv'], /exclude each other/],
    [['connections', '--exited'], /unknown option --exited/],
    [['connections', '--remote', 'example.org'], /Invalid address "example\.org"/],
    [['connections', '--port', '65536'], /--port expects an integer from 1 to 65535/],
    [['connections', '--state', 'open'], /--state expects one of listen, .*not "open"/],
    [['connections', '--protocol', 'http'], /--protocol expects one of tcp, /],
    [['connections', '--sort', 'user'], /--sort expects one of protocol, /],
    [['list', '--spreadsheet'], /--spreadsheet needs --csv; see netflow list --help/],
    [['list', '--interval', '1'], /unknown option --interval/],
    [['list', '--sort', 'size'], /--sort expects one of processId, .*not "size"/],
    [['list', '--sort', 'user', '--sort', 'path'], /--sort can be given only once/],
    [['list', '--top', '1', '--top', '2'], /--top can be given only once/],
    [['list', '--name', ''], /--name expects a name/],
    [['list', '--pid'], /--pid needs a value/],
    [['list', '--name'], /--name needs a value/],
    [['measure'], /measure needs a command to run, after --/],
    [['measure', '--'], /measure needs a command to run, after --/],
    [['measure', 'ls', '-l'], /the command to measure goes after --/],
    [['limit'], /limit needs one of set, list, remove/],
    [['limit', 'set'], /limit set needs --pid or --path/],
    [['limit', 'set', '--pid', '1'], /limit set needs --upload or --download/],
    [['limit', 'set', '--pid', '1', '--path', '/x', '--upload', '1MB'], /--pid and --path exclude each other/],
    [['limit', 'set', '--path', ''], /--path expects a path/],
    [['limit', 'set', '--path', '/x', '--upload', '10Mbps'], /write 10mbit or 10MB; see netflow limit set --help/],
    [
      ['limit', 'remov', '--all'],
      /unknown command limit remov \(did you mean limit remove\?\); see netflow limit --help/,
    ],
    [['limit', 'del', '--all'], /unknown command limit del \(did you mean limit remove\?\)/],
    [['limit', 'set', '--path', '/x', '--download'], /--download needs a value/],
    [['limit', 'remove'], /limit remove needs --pid or --path or --all/],
    [['limit', 'remove', '--all', '--pid', '1'], /exclude each other/],
    [['limit', 'list', '--json', '--csv'], /exclude each other/],
    [['policy'], /policy needs one of apply, export, test/],
    [['policy', 'apply'], /policy apply needs a file; see netflow policy apply --help/],
    [['policy', 'apply', 'a.csv', 'b.csv'], /unknown argument "b\.csv" of policy/],
    [['driver'], /driver needs one of status, install, start, stop, uninstall/],
    [['driver', 'restart'], /unknown command driver restart \(did you mean driver start\?\)/],
    [['driver', 'status', '--max-processes', '20'], /unknown option --max-processes/],
    [['bad\x1b[31m\ncommand'], /unknown command bad\ufffd\[31m command/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses netflow ${JSON.stringify(args.join(' '))} with one line`, () => assertRefused(args, message));
  }

  const numbers: [string[], string[], RegExp][] = [
    [
      ['list', '--pid'],
      ['0', '-1', '4194305', '1.5', '1e3', '0x10', 'NaN', 'abc', ' 1', '9'.repeat(400)],
      /--pid expects an integer from 1 to 4194304/,
    ],
    [['list', '--top'], ['0', '-1', '1.5', 'Infinity', 'ten', '9'.repeat(40)], /--top expects an integer of 1 or more/],
    [
      ['watch', '--interval'],
      ['0', '0.09', '-1', '86401', 'NaN', '1e2', 'Infinity', '1,5'],
      /--interval expects a number from 0\.1 to 86400/,
    ],
    [['watch', '--count'], ['0', '-3', '2.5', 'NaN'], /--count expects an integer of 1 or more/],
    [
      ['driver', 'start', '--max-processes'],
      ['15', '1048577', '-16', 'many'],
      /--max-processes expects an integer from 16 to 1048576/,
    ],
  ];
  for (const [command, values, message] of numbers) {
    for (const value of values) {
      it(`refuses ${command.join(' ')} ${value.slice(0, 20)}`, () => assertRefused([...command, value], message));
    }
    it(`refuses ${command.join(' ')} without a value`, async () => {
      await assertRefused(command, /needs a value/);
      await assertRefused([...command.slice(0, -1), `${command.at(-1)}=`], /needs a value|not ""/);
    });
  }

  const commands = [
    'list',
    'watch',
    'connections',
    'measure',
    'limit',
    'limit set',
    'limit list',
    'limit remove',
    'policy',
    'policy apply',
    'policy export',
    'policy test',
    'driver',
    'driver status',
    'driver install',
    'driver start',
    'driver stop',
    'driver uninstall',
  ];
  for (const command of commands) {
    it(`has help for ${command}`, async () => {
      const { code, stdout, stderr } = await netflow([...command.split(' '), '--help']);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.deepEqual(await netflow([...command.split(' '), '-h']), { code, stdout, stderr });
      assert.deepEqual(await netflow(['help', ...command.split(' ')]), { code, stdout, stderr });
      assert.match(stdout, new RegExp(`^netflow ${command}`));
      assert.doesNotMatch(stdout, /\[(string|array|boolean|choices)|[^\n]$/);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    });
  }

  it('lists every command in its help', async () => {
    const { code, stdout } = await netflow(['--help']);
    assert.equal(code, 0);
    for (const name of ['list', 'watch', 'connections', 'measure', 'limit', 'policy', 'driver', 'completion']) {
      assert.match(stdout, new RegExp(`^ {2}netflow ${name} `, 'm'));
    }
  });

  it('names the values of options', async () => {
    const { stdout } = await netflow(['watch', '--help']);
    for (const value of ['--pid N', '--name GLOB', '--sort FIELD', '--interval S']) {
      assert.match(stdout, new RegExp(`^ +${value} {2}`, 'm'));
    }
    assert.match(stdout, /^ {2}-h, --help {2}/m);
    assert.match(stdout, /^FIELD is one of processId, /m);
  });

  it('is in English in every locale', async () => {
    const environment = { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' };
    assert.match((await netflow(['--help'], { environment })).stdout, /Show help/);
  });

  it('says the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(await netflow(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows where it went wrong with NETFLOW_DEBUG=1', async () => {
    const { stderr } = await netflow(['lst'], { environment: { NETFLOW_DEBUG: '1' } });
    assert.match(stderr, /^netflow: .*\nUsageError: .*\n {4}at /);
  });
});

describe('launcher', () => {
  let folder = '';
  const copy = () => join(folder, 'bin', 'netflow.js');
  const start = () => spawnSync(process.execPath, [copy(), '--version'], { encoding: 'utf8' });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netflow-launcher-'));
    for (const name of ['bin', 'core', 'dist/bin']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "version": "1.2.3" }');
    copyFileSync(entry, copy());
    copyFileSync(join(projectRoot, 'core/start-bundle.js'), join(folder, 'core/start-bundle.js'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says how to build what is not built', () => {
    const { status, stdout, stderr } = start();
    assert.deepEqual([status, stdout], [1, '']);
    assert.equal(stderr, 'netflow: NetFlow is not built here: run `npm run build`\n');
  });

  for (const [what, cache] of [
    ['no', undefined],
    ['a broken', 'not a cache'],
  ] as const) {
    it(`starts with ${what} code cache`, () => {
      const bundle = join('dist', 'bin', 'netflow.bundle.cjs');
      copyFileSync(join(projectRoot, bundle), join(folder, bundle));
      if (cache !== undefined) writeFileSync(join(folder, `${bundle}.cache`), cache);
      const { status, stdout, stderr } = start();
      assert.deepEqual([status, stdout, stderr], [0, '1.2.3\n', '']);
    });
  }
});

describe('exit codes', () => {
  const codes: [NetFlowErrorCode, number][] = [
    ['FAILED', 1],
    ['INVALID_ARGUMENT', 2],
    ['DRIVER_UNAVAILABLE', 3],
    ['DRIVER_NOT_RUNNING', 3],
    ['DRIVER_MISMATCH', 3],
    ['NOT_PERMITTED', 4],
    ['NOT_FOUND', 5],
  ];
  for (const [code, exitCode] of codes) {
    it(`${code} is ${exitCode}`, () => assert.equal(exitCodeOf(new NetFlowError(code, 'why')), exitCode));
  }

  it('wrong usage is 2, a closed pipe 0, anything else 1', () => {
    const errors = [new UsageError('why'), new OutputClosed('gone'), new Error('why'), 'why'];
    assert.deepEqual(errors.map(exitCodeOf), [2, 0, 1, 1]);
  });

  it('an error is one line that drives no terminal', () => {
    assert.equal(describeError(new Error('first\n  second \x1b[31m\n')), 'first second \ufffd[31m');
  });
});

async function assertRefused(args: string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await netflow(args);
  assert.equal(stdout, '');
  assert.match(stderr, /^netflow: [^\n]+\n$/);
  assert.match(stderr, message);
  assert.equal(code, 2);
}
