import { OutputClosed } from './errors.js';

/** Writes to standard output and waits for its reader, so that a slow one slows us down instead of filling memory. */
export function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(explain(error));
      else resolve();
    });
  });
}

/** Writes lines in pieces large enough to be quick. */
export async function writeLines(lines: Iterable<string>): Promise<void> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length >= 65_536) {
      await write(piece);
      piece = '';
    }
  }
  if (piece !== '') await write(piece);
}

function explain(error: Error & { code?: string }): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
    return new OutputClosed('standard output is closed');
  return new Error(`cannot write to standard output: ${error.message}`, { cause: error });
}
