import { commandNamed } from '../commands.js';
import { valueNames } from '../help.js';

/** A command line that is still being typed. */
export interface Line {
  /** As `limit remove`; empty where there is none yet. */
  command: string;
  /** The option whose value is typed; empty where something else is. */
  option: string;
  typed: string;
  /** What stands in the same word before what is typed: `--sort=`. */
  prefix: string;
  /** Whether `--` ends what is meant for NetFlow. */
  ended: boolean;
}

/** Reads the words behind `netflow`, of which the cursor is at the last. */
export function lineOf(given: readonly string[]): Line {
  const words = joined(given);
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, prefix = '', own = '', value = ''] = /^(--([a-z-]+)=)([^]*)$/.exec(last) ?? [];
  const other = /^--([a-z-]+)$/.exec(before.at(-1) ?? '')?.[1] ?? '';
  const option = own === '' && other in valueNames ? other : own;
  const typed = own === '' ? last : value;
  return { command: commandNamed(before), option, typed, prefix, ended: before.includes('--') };
}

/** Bash ends a word at `=`. */
function joined(words: readonly string[]): string[] {
  const result: string[] = [];
  for (const [index, word] of words.entries()) {
    const isJoint = word === '=' || (words[index - 1] === '=' && index > 1);
    if (isJoint && result.at(-1)?.startsWith('--')) result.push(`${result.pop() ?? ''}${word}`);
    else result.push(word);
  }
  return result;
}
