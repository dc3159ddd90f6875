import { closestMatch } from 'leven';
import { commandNamed, commandNames } from './commands.js';
import { UsageError } from './output/errors.js';

/** Returns the error for a command line of which yargs says this; `options` are those that would have been right. */
export function usageError(message: string, args: readonly string[], options: readonly string[]): UsageError {
  return new UsageError(explain(message, args, options), commandNamed(args));
}

function explain(message: string, args: readonly string[], options: readonly string[]): string {
  const command = commandNamed(args);
  const [first = '', second = ''] = args;
  if (/^Not enough/.test(message)) return `${command} needs a file`;
  const parts = commandNames(first);
  if (isWord(second) && parts.length > 0 && !parts.includes(second)) {
    return `unknown command ${first} ${second}${meant(second, parts, `${first} `)}`;
  }
  const name = /^unknown ([^,]+)/.exec(message)?.[1];
  if (name === undefined) return message;
  // Names the unknown as it was typed: yargs removes the dashes.
  const option = args.find((arg) => /^-/.test(arg) && arg.replace(/^-+/, '').split('=')[0] === name)?.split('=')[0];
  if (option !== undefined) return `unknown option ${option}${meant(name, options, '--')}`;
  if (command === 'measure') return 'the command to measure goes after --';
  if (command === '') return `unknown command ${name}${meant(name, commandNames(), '')}`;
  return `unknown argument ${JSON.stringify(name)} of ${command}`;
}

function isWord(text: string): boolean {
  return text !== '' && !text.startsWith('-');
}

/** Asks whether the name that is nearest was meant, where one is near. */
function meant(word: string, names: readonly string[], prefix: string): string {
  const near = closestMatch(
    word,
    names.filter((name) => name.length > 1),
    { maxDistance: word.length > 4 ? 3 : 2 },
  );
  return near === undefined ? '' : ` (did you mean ${prefix}${near}?)`;
}
