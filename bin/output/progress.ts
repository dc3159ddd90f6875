import { obeysCodes } from './terminal.js';
import { printable } from './text.js';

/** A short line about the step that is under way. */
export interface Progress {
  show: (message: string) => void;
  /** Removes the line before anything else is written. */
  clear: () => void;
}

/** Shows progress on a terminal as a line that replaces itself; elsewhere as lines, for steps of over a second. */
export function showProgress(stream: NodeJS.WriteStream, patience = 1000): Progress {
  return obeysCodes(stream) ? terminalProgress(stream) : plainProgress(stream, patience);
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  let shown = false;
  return {
    show: (message) => {
      shown = true;
      stream.write(`\r\x1b[K${printable(message)}`);
    },
    clear: () => {
      if (shown) stream.write('\r\x1b[K');
      shown = false;
    },
  };
}

function plainProgress(stream: NodeJS.WritableStream, patience: number): Progress {
  let timer: NodeJS.Timeout | undefined;
  const clear = () => clearTimeout(timer);
  const show = (message: string) => {
    clear();
    timer = setTimeout(() => stream.write(`netflow: ${printable(message)}\n`), patience);
    timer.unref();
  };
  return { show, clear };
}
