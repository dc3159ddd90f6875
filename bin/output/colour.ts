import { Chalk, chalkStderr, type ChalkInstance } from 'chalk';
import defaultChalk from 'chalk';

/** Colours for a stream: only on a terminal, and never where NO_COLOR is set. */
export function coloursFor(stream: { isTTY?: boolean }): ChalkInstance {
  const wanted = stream.isTTY === true && !process.env['NO_COLOR'];
  const found = stream === process.stderr ? chalkStderr : defaultChalk;
  return new Chalk({ level: wanted ? found.level : 0 });
}
