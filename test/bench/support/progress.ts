let current = '';

/** Names the part that runs now. */
export function enter(part: string): void {
  current = part;
}

/** Says on standard error what is done now. */
export function say(what: string): void {
  process.stderr.write(`${current} ${what}\n`);
}
