import assert from 'node:assert/strict';
import { cleanUp, onCleanUp } from '../../../support/cleanup.js';
import { hasProgram, run, runNow, until } from '../../../support/commands.js';
import { skipWithout } from '../../../support/machine.js';
import { inMemory } from '../../../support/paths.js';

const watch = `${process.execPath} ${inMemory} watch --interval 0.2`;

/** A real terminal: tmux answers as one, and says what it shows and in which state it is. */
describe('live table', () => {
  let terminal: Terminal;

  before(function () {
    if (!hasProgram('tmux')) skipWithout(this, 'tmux is not installed');
  });
  after(cleanUp);

  beforeEach(async () => {
    terminal = new Terminal(100, 24);
    await terminal.shows(/^\$ *$/m);
    await terminal.type(`stty -a > ${terminal.settings}`);
    await terminal.type(watch);
    await terminal.shows(/^q quit/m);
  });
  afterEach(() => terminal.close());

  it('shows the totals, a table and the keys on a screen of its own', async () => {
    assert.match(
      await terminal.text(),
      /^\d\d:\d\d:\d\d {2}up .* down .* on this machine\nshown .* 1-20 of 400\n *PID +Name/,
    );
    assert.equal(await terminal.state(), 'alternate, no cursor');
  });

  const endings: [string, (watched: number) => Promise<void> | void, number][] = [
    ['q', () => terminal.press('q'), 0],
    ['Esc', () => terminal.press('Escape'), 0],
    ['Ctrl+C', () => terminal.press('C-c'), 0],
    ['SIGINT', (watched) => void process.kill(watched, 'SIGINT'), 0],
    ['SIGTERM', (watched) => void process.kill(watched, 'SIGTERM'), 143],
    ['SIGHUP', (watched) => void process.kill(watched, 'SIGHUP'), 129],
  ];
  for (const [what, end, code] of endings) {
    it(`ends on ${what} and gives the terminal back as it was`, async () => {
      await end(await terminal.watchedPid());
      await terminal.isBack(code);
    });
  }

  it('gives the terminal back when it is stopped, and goes on when it is continued', async () => {
    await terminal.press('C-z');
    await terminal.shows(/Stopped/);
    assert.equal(await terminal.state(), 'normal');
    await terminal.type('fg');
    await terminal.shows(/^q quit/m);
    assert.equal(await terminal.state(), 'alternate, no cursor');
    await terminal.press('q');
    await terminal.isBack(0);
  });

  it('sorts by the keys it names, reverses, pauses, and shows command lines', async () => {
    for (const [key, heading] of [
      ['n', '\\^ Name'],
      ['r', 'v Name'],
      ['U', 'v Upload'],
      ['c', 'Command$'],
    ] as const) {
      await terminal.press(key);
      await terminal.shows(new RegExp(heading, 'm'));
    }
    await terminal.press('Space');
    await terminal.shows(/, paused/);
  });

  it('is filtered, scrolled, and opens the connections of the process that is chosen', async () => {
    await terminal.type('/program39');
    await terminal.shows(/1-11 of 11 {2}\/program39$/m);
    await terminal.press('Escape');
    await terminal.shows(/1-20 of 400$/m);
    await terminal.press('NPage');
    await terminal.shows(/21-40 of 400$/m);
    await terminal.press('Down');
    await terminal.press('Enter');
    await terminal.shows(/program21 \(22\), connections 1-1 of 1\nProto[^]*192\.0\.2\.1:443/);
    await terminal.press('?');
    await terminal.shows(/^r +reverse the order$/m);
    await terminal.press('Escape');
    await terminal.shows(/21-40 of 400$/m);
  });

  it('fits the terminal at once after it was resized', async () => {
    await terminal.press('Space');
    await terminal.shows(/paused/);
    for (const [width, height] of [
      [60, 10],
      [30, 6],
      [140, 40],
    ] as const) {
      terminal.resize(width, height);
      await until(
        'the keys are in the last line',
        async () => (await terminal.lines(height)).at(-1)?.startsWith('q quit') === true,
      );
    }
  });

  it('leaves the last reading behind where a number of them was asked for', async () => {
    await terminal.press('q');
    await terminal.shows(/^\$ *$/m);
    await terminal.type(`clear; ${watch} --count 2 --top 3; echo "ended with $?"`);
    await terminal.shows(/PID +Name[^]*ended with 0/);
    assert.equal(await terminal.state(), 'normal');
  });
});

let terminals = 0;

class Terminal {
  readonly #socket = `netflow-test-${process.pid}-${++terminals}`;
  readonly settings = `/tmp/${this.#socket}`;

  constructor(width: number, height: number) {
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${width}`, '-y', `${height}`, 'env PS1="$ " bash --norc');
    onCleanUp(() => this.close());
  }

  async type(line: string): Promise<void> {
    this.#tmux('send-keys', '-l', line);
    await this.press('Enter');
  }

  async press(key: string): Promise<void> {
    this.#tmux('send-keys', key);
    await Promise.resolve();
  }

  resize(width: number, height: number): void {
    this.#tmux('resize-window', '-x', `${width}`, '-y', `${height}`);
  }

  async text(): Promise<string> {
    return await Promise.resolve(this.#tmux('capture-pane', '-p'));
  }

  async lines(height: number): Promise<string[]> {
    return (await this.text()).split('\n').slice(0, height);
  }

  async shows(pattern: RegExp): Promise<void> {
    let text = '';
    const matches = async () => pattern.test((text = await this.text()));
    await until(`the terminal shows ${pattern}`, matches).catch((error: unknown) => {
      throw new Error(`instead, the terminal shows\n${text}`, { cause: error });
    });
  }

  async state(): Promise<string> {
    const flags = this.#tmux('display-message', '-p', '#{alternate_on}#{cursor_flag}#{wrap_flag}').trim();
    return await Promise.resolve({ '011': 'normal', '100': 'alternate, no cursor' }[flags] ?? flags);
  }

  /** The only child of the terminal's shell; newer versions of Node.js don't call their main thread `node`. */
  async watchedPid(): Promise<number> {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    const [pid, ...others] = (await run('pgrep', ['-P', shell])).stdout.trim().split('\n').map(Number);
    assert.ok(pid !== undefined && pid > 1 && others.length === 0, 'the shell runs one program');
    return pid;
  }

  /** Holds that the shell has its terminal again, with the settings and the exit code. */
  async isBack(code: number): Promise<void> {
    await this.shows(/^\$ *$/m);
    await this.type(`echo "ended with $?"; stty -a | cmp - ${this.settings} && echo "same settings"`);
    await this.shows(new RegExp(`^ended with ${code}\n[^]*^same settings$`, 'm'));
    assert.equal(await this.state(), 'normal');
  }

  close(): void {
    try {
      this.#tmux('kill-server');
    } catch {
      // It has ended already.
    }
    runNow('rm', '-f', this.settings);
  }

  #tmux(...args: readonly string[]): string {
    return runNow('tmux', '-L', this.#socket, ...args);
  }
}
