import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cleanUp } from '../support/cleanup.js';
import { ended, hasProgram, run, runNow, start, until } from '../support/commands.js';
import { skipWithout } from '../support/machine.js';
import { entry, inMemory } from '../support/paths.js';

/** What takes a process of its own: pipes, signals and a terminal. */
describe('the program', () => {
  after(cleanUp);

  for (const command of ['list', 'list --json', 'watch --json --interval 0.1']) {
    it(`${command} | head -1 ends quietly`, async () => {
      const script = `"$@" ${command} | head -1 >&2; echo "\${PIPESTATUS[*]}"`;
      const { stdout, stderr } = await run('bash', ['-c', script, 'bash', process.execPath, inMemory]);
      assert.equal(stdout, '0 0\n');
      assert.match(stderr, /^[^\n]+\n$/);
    });
  }

  it('ends with an error where the disk is full', async () => {
    const script = '"$@" list --json > /dev/full';
    const { stderr, code } = await run('bash', ['-c', script, 'bash', process.execPath, inMemory]);
    assert.equal(code, 1);
    assert.match(stderr, /^netflow: cannot write to standard output: ENOSPC.*\n$/);
  });

  it('watch ends quietly after whole lines on Ctrl+C', async () => {
    const child = start(process.execPath, [inMemory, 'watch', '--interval', '0.1', '--json', '--top', '1']);
    let [said, complained] = ['', ''];
    child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (complained += data.toString()));
    await until('three records', () => said.split('\n').length > 4);
    child.kill('SIGINT');
    assert.deepEqual([await ended(child), complained, said.at(-1)], [0, '', '\n']);
  });

  it('measure lets its command write, passes signals on to it and says what it transferred', async () => {
    const command = ['bash', '-c', 'trap "exit 9" TERM; echo ready; sleep 30 & wait'];
    const child = start(process.execPath, [inMemory, 'measure', '--', ...command]);
    let complained = '';
    child.stderr?.on('data', (data: Buffer) => (complained += data.toString()));
    assert.ok(child.stdout);
    assert.equal(String((await once(child.stdout, 'data'))[0]), 'ready\n');
    child.kill('SIGTERM');
    assert.equal(await ended(child), 9);
    assert.match(complained, /exit code 9\n$/);
  });

  it('needs no folder, and so works in one that is gone', async () => {
    const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && "$@"';
    for (const args of [
      [inMemory, 'list', '--top', '1'],
      [entry, '--version'],
    ]) {
      const { code, stderr } = await run('bash', ['-c', script, 'bash', process.execPath, ...args]);
      assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    }
  });

  describe('on a terminal', () => {
    before(function () {
      if (!hasProgram('script')) skipWithout(this, 'script, of util-linux or bsdutils, is not installed');
    });

    const onTerminal = (environment: string, command = 'list --top 2') =>
      runNow(
        'script',
        '-qec',
        `stty cols 0 rows 0; env ${environment} ${process.execPath} ${inMemory} ${command}`,
        '/dev/null',
      );

    it('colours, but never with NO_COLOR', () => {
      const bold = /\x1b\[1m/;
      assert.match(onTerminal('-u NO_COLOR -u CI TERM=xterm-256color'), bold);
      assert.doesNotMatch(onTerminal('NO_COLOR=1 TERM=xterm-256color'), bold);
    });

    it('without a size has room for as much as COLUMNS says, or else for 80 characters', () => {
      assert.match(onTerminal('-u COLUMNS NO_COLOR=1'), /PID +Name +User +Upload +Download +Up\/s +Down\/s +Conns\r\n/);
      assert.match(onTerminal('COLUMNS=40 NO_COLOR=1'), /PID +Name +Up\/s +Down\/s\r\n/);
    });

    it('that knows no escape codes gets none: readings stand below each other', () => {
      const text = onTerminal('TERM=dumb', 'watch --count 2 --interval 0.1 --top 1');
      assert.doesNotMatch(text, /\x1b/);
      assert.equal(text.match(/^PID +Name/gm)?.length, 2);
    });
  });
});
