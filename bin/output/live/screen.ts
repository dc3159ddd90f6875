import { emitKeypressEvents } from 'node:readline';
import { speaksUtf8, terminalSize } from '../terminal.js';
import { displayWidth, toAscii } from '../text.js';

/** The whole terminal, while something is drawn on it. */
export interface Screen {
  readonly keys: boolean;
  size(): { width: number; height: number };
  draw(lines: readonly string[]): void;
  close(): void;
}

export interface ScreenEvents {
  onKey: (key: string) => void;
  /** Called when all has to be drawn anew: the size has changed, or the terminal is ours again. */
  onRedraw: () => void;
}

// Switches to the alternate screen, without cursor and wrapping; and back again.
const enterCodes = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const leaveCodes = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Takes over the terminal, which close() gives back, and so does the process when it stops, ends or fails. */
export function openScreen(events: ScreenEvents): Screen {
  const { stdin, stdout } = process;
  const shown = speaksUtf8() ? (text: string) => text : toAscii;
  const keys = stdin.isTTY;
  let ours = false;

  const enter = () => {
    if (keys) stdin.setRawMode(true);
    stdout.write(enterCodes);
    ours = true;
  };
  const leave = () => {
    if (!ours) return;
    ours = false;
    stdout.write(leaveCodes);
    if (keys) stdin.setRawMode(false);
  };
  const suspend = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = () => {
    // SIGSTOP can't be caught: the shell has then set its own mode, and ours has to be set again.
    leave();
    enter();
    events.onRedraw();
  };
  const onKeypress = (text: string | undefined, key: { name?: string; ctrl?: boolean }) => {
    if (key.ctrl && key.name === 'z') process.kill(0, 'SIGTSTP');
    else events.onKey(key.ctrl ? `Ctrl+${key.name}` : (keyNames[key.name ?? ''] ?? text ?? ''));
  };

  process.on('exit', leave).on('uncaughtExceptionMonitor', leave);
  process.on('SIGTSTP', suspend).on('SIGCONT', resume);
  stdout.on('resize', events.onRedraw);
  if (keys) {
    emitKeypressEvents(stdin);
    stdin.on('keypress', onKeypress).on('error', ignore).resume();
  }
  enter();

  return {
    keys,
    size: terminalSize,
    draw: (lines) => {
      if (ours && !stdout.writableNeedDrain) stdout.write(shown(drawing(lines, terminalSize().width)));
    },
    close: () => {
      leave();
      process.off('exit', leave).off('uncaughtExceptionMonitor', leave);
      process.off('SIGTSTP', suspend).off('SIGCONT', resume);
      stdout.off('resize', events.onRedraw);
      if (keys) stdin.off('keypress', onKeypress).pause();
    },
  };
}

const keyNames: Readonly<Record<string, string>> = {
  ...{ escape: 'Esc', return: 'Enter', enter: 'Enter', backspace: 'Backspace', up: 'Up', down: 'Down' },
  ...{ pageup: 'PageUp', pagedown: 'PageDown', home: 'Home', end: 'End' },
};

// Ignores errors of a terminal that has hung up: the signal that comes with it ends the program.
function ignore(): void {}

/** Redraws in place with one write, each line over the old one, so that nothing flickers. The lines fill the screen. */
export function drawing(lines: readonly string[], width: number): string {
  // After a full line the cursor is still on its last character, which clearing would delete.
  const cleared = lines.map((line) => (displayWidth(line) < width ? `${line}\x1b[K` : line));
  return `\x1b[H${cleared.join('\r\n')}`;
}
