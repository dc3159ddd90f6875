import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineOf, type Line } from '../../bin/completion/line.js';
import { cleanUp } from '../support/cleanup.js';
import { netflow } from '../support/command-line.js';
import { hasProgram } from '../support/commands.js';
import { skipWithout } from '../support/machine.js';
import { inMemory, temporaryFolder } from '../support/paths.js';

describe('completion', () => {
  after(cleanUp);

  const words: [string, string[]][] = [
    ['', ['list', 'watch', 'connections', 'measure', 'limit', 'policy', 'driver', 'completion']],
    ['limit ', ['set', 'list', 'remove']],
    ['limit set --', ['--pid', '--path', '--upload', '--download', '--shared']],
    ['policy ', ['apply', 'export', 'test']],
    ['driver ', ['status', 'install', 'start', 'stop', 'uninstall']],
    ['list --', ['--pid', '--name', '--sort', '--top', '--exited', '--wide', '--json', '--csv', '--help']],
    ['watch --', ['--interval', '--count']],
    ['driver start --', ['--json', '--max-processes']],
    ['list --sort ', ['processId', 'uploadBytes', 'downloadSpeed']],
    ['connections --sort=rem', ['--sort=remoteAddress', '--sort=remotePort']],
    ['connections --state e', ['established']],
    ['limit set --upload 10m', ['10mbit']],
    ['limit set --path /usr/', [':files']],
    ['policy apply ', [':files']],
    ['measure -- cu', [':command']],
    ['completion f', ['fish']],
  ];
  for (const [line, expected] of words) {
    it(`knows what can follow "netflow ${line}", and what each word is about`, async () => {
      const { code, stdout, stderr } = await netflow(['completion', '--complete', 'zsh', ...line.split(' ')]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const offered = stdout.split('\n').map((text) => text.split('\t'));
      assert.deepEqual(
        expected.filter((word) => !offered.some(([text]) => text === word)),
        [],
      );
      const typed = line.split(' ').at(-1) ?? '';
      assert.ok(offered.every(([text = '']) => text.startsWith(typed) || text.startsWith(':') || text === ''));
      if (typed === '--') assert.ok(offered.every(([, about]) => about !== ''));
    });
  }

  const lines: [string[], Partial<Line>][] = [
    [['list', '--pid', ''], { command: 'list', option: 'pid', typed: '', prefix: '' }],
    [['limit', 'remove', '--path', '/us'], { command: 'limit remove', option: 'path', typed: '/us' }],
    [['list', '--sort', '=', 'up'], { option: 'sort', typed: 'up', prefix: '--sort=' }],
    [['list', '--sort='], { option: 'sort', typed: '', prefix: '--sort=' }],
    [['list', '--json', ''], { option: '', typed: '' }],
    [['list', '--pid', '12', ''], { option: '', typed: '' }],
    [['measure', '--', 'x', '--pid', ''], { ended: true }],
    [[''], { command: '', option: '' }],
  ];
  for (const [given, expected] of lines) {
    it(`reads "${given.join(' ')}"`, () => assert.deepEqual({ ...lineOf(given), ...expected }, lineOf(given)));
  }

  const shells: [string, string, (script: string) => string[]][] = [
    ['bash', 'list --sort=upl', (line) => ['bash', '--norc', '-c', bash(line)]],
    ['zsh', 'list --sort=upl', (line) => ['zsh', '-f', '-c', zsh(line)]],
    ['fish', 'list --sort=upl', (line) => ['fish', '--no-config', '-c', fish(line)]],
  ];
  for (const [shell, line, command] of shells) {
    it(`works in ${shell}`, function () {
      const [program = '', ...args] = command(line);
      if (!hasProgram(program)) skipWithout(this, `${shell} is not installed`);
      const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: withNetFlow(), timeout: 55_000 });
      for (const word of ['uploadBytes', 'uploadSpeed', 'uploadLimit']) assert.match(stdout, new RegExp(word), stderr);
      assert.doesNotMatch(stdout, /downloadBytes/);
    }).timeout(60_000);
  }

  it('needs a shell that it knows', async () => {
    for (const args of [[], ['ksh']]) {
      const { code, stderr } = await netflow(['completion', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /^netflow: completion needs one of bash, zsh, fish, powershell/);
    }
  });
});

/** A PATH whose netflow has a driver in memory. */
function withNetFlow(): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'netflow'), `#!/bin/sh\nexec '${process.execPath}' '${inMemory}' "$@"\n`, { mode: 0o755 });
  return { ...process.env, PATH: `${folder}:${process.env['PATH']}`, TERM: 'xterm', COLUMNS: '200' };
}

const bash = (line: string) => `
  source <(netflow completion bash)
  COMP_WORDS=(netflow ${line.replace('=', ' = ')}) COMP_CWORD=4
  _netflow netflow
  printf '%s\\n' "\${COMPREPLY[@]}"`;

// zsh completes on a terminal only: zpty is one.
const zsh = (line: string) => `
  zmodload zsh/zpty
  zpty shell zsh -f -i
  zpty -w shell 'PS1= ; autoload -U compinit; compinit -u -D; source <(netflow completion zsh); LISTMAX=0; echo rea""dy'
  zpty -r -m shell line '*ready*'
  zpty -w -n shell $'netflow ${line}\\t\\t'
  zpty -r -m shell line '*uploadLimit*' && print -r -- "$line"`;

const fish = (line: string) => `netflow completion fish | source; complete -C 'netflow ${line}'`;
