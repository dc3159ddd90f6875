import defaultChalk, { Chalk, chalkStderr, type ChalkInstance } from 'chalk';

/** Returns the colours for a stream: none unless it is a terminal, nor if NO_COLOR is set. */
export function coloursFor(stream: { isTTY?: boolean }): ChalkInstance {
  const wanted = stream.isTTY === true && !process.env['NO_COLOR'];
  const found = stream === process.stderr ? chalkStderr : defaultChalk;
  return new Chalk({ level: wanted ? found.level : 0 });
}
