import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionBeforeCursor } from '../../bin/commands/completion.js';
import { netflow } from '../support/command-line.js';
import { entry } from '../support/paths.js';

const bash = { SHELL: '/bin/bash', ZSH_NAME: '' };

describe('completion', () => {
  it('prints a script for bash', async () => {
    const { code, stdout, stderr } = await netflow(['completion'], { environment: bash });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^complete .* -F _netflow_yargs_completions netflow$/m);
    assert.equal(spawnSync('bash', ['-n'], { input: stdout }).status, 0);
  });

  it('prints a script for zsh', async () => {
    const { code, stdout } = await netflow(['completion'], { environment: { SHELL: '/bin/zsh' } });
    assert.equal(code, 0);
    assert.match(stdout, /^#compdef netflow$/m);
  });

  const words: [string, string[]][] = [
    ['netflow ', ['list', 'watch', 'connections', 'measure', 'limit', 'policy', 'driver', 'completion']],
    ['netflow limit ', ['set', 'list', 'remove']],
    ['netflow limit set --', ['--pid', '--path', '--upload', '--download', '--shared']],
    ['netflow policy ', ['apply', 'export', 'test']],
    ['netflow driver ', ['status', 'install', 'start', 'stop', 'uninstall']],
    ['netflow list --', ['--pid', '--name', '--sort', '--top', '--exited', '--wide', '--json', '--csv']],
    ['netflow watch --', ['--interval', '--count']],
    ['netflow driver start --', ['--json', '--max-processes']],
    ['netflow list --sort ', ['processId', 'uploadBytes', 'downloadSpeed']],
  ];
  for (const [line, expected] of words) {
    it(`knows what can follow "${line}"`, async () => {
      const words = ['--get-yargs-completions', ...line.split(' ')];
      const { code, stdout, stderr } = await netflow(words, { environment: bash });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const offered = stdout.split('\n');
      assert.doesNotMatch(stdout, / /);
      assert.deepEqual(
        expected.filter((word) => !offered.includes(word)),
        [],
      );
    });
  }

  it('works in bash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netflow-completion-'));
    symlinkSync(entry, join(folder, 'netflow'));
    const script = `
      PATH="${folder}:$PATH"
      source <(netflow completion)
      COMP_WORDS=(netflow list --sort upl) COMP_CWORD=3
      _netflow_yargs_completions
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, ...bash } });
    rmSync(folder, { recursive: true });
    assert.deepEqual(stdout.split('\n').slice(0, -1), ['uploadBytes', 'uploadSpeed', 'uploadLimit']);
  });

  const cursors: [string[], 'pid' | 'name' | undefined][] = [
    [['netflow', 'list', '--pid', ''], 'pid'],
    [['netflow', 'list', '--pid', '12'], 'pid'],
    [['netflow', 'list', '--pid', '=', '12'], 'pid'],
    [['netflow', 'list', '--name', 'cu'], 'name'],
    [['netflow', 'list', '--pid', '12', ''], undefined],
    [['netflow', 'list', '--sort', ''], undefined],
    [['netflow'], undefined],
  ];
  for (const [line, option] of cursors) {
    it(`takes "${line.join(' ')}" for ${option ? `a value of --${option}` : 'something else'}`, () => {
      assert.equal(optionBeforeCursor(line), option);
    });
  }
});
