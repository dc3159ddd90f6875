import { closestMatch } from 'leven';
import { commandNamed, commandNames } from './commands.js';
import { UsageError } from './output/errors.js';

/** Returns the error for a command line of which yargs says this; `options` are those that would have been right. */
export function usageError(message: string, args: readonly string[], options: readonly string[]): UsageError {
  return new UsageError(explain(message, args, options), commandNamed(args));
}

function explain(message: string, args: readonly string[], options: readonly string[]): string {
  return explainCommand(message, args) ?? explainUnknown(message, args, options) ?? explainPair(message);
}

/** Explains what is wrong about the command itself. */
function explainCommand(message: string, args: readonly string[]): string | undefined {
  const command = commandNamed(args);
  const [first = '', second = ''] = args;
  if (/^Not enough/.test(message)) return `${command} needs a file`;
  if (/^-v$/i.test(first)) return `unknown option ${first} (did you mean --version?)`;
  if (command === 'measure' && args.slice(1).some(isWord)) return 'the command to measure goes after --';
  const parts = commandNames(first);
  if (!isWord(second) || parts.length === 0 || parts.includes(second)) return undefined;
  return `unknown command ${first} ${second}${meant(second, parts, `${first} `)}`;
}

/** Explains a word that yargs doesn't know. */
function explainUnknown(message: string, args: readonly string[], options: readonly string[]): string | undefined {
  const command = commandNamed(args);
  const name = /^unknown ([^,]+)/.exec(message)?.[1];
  if (name === undefined) return undefined;
  // Names the unknown as it was typed: yargs removes the dashes.
  const option = args.find((arg) => /^-/.test(arg) && arg.replace(/^-+/, '').split('=')[0] === name)?.split('=')[0];
  if (option !== undefined) return `unknown option ${option}${meant(name, options, '--')}`;
  if (command === '') return `unknown command ${name}${meant(name, commandNames(), '')}`;
  return `unknown argument ${JSON.stringify(name)} of ${command}`;
}

/** Explains an option that another one requires. */
function explainPair(message: string): string {
  return message.replace(/^.*\s(\S+) -> (\S+)$/s, '--$1 needs --$2');
}

function isWord(text: string): boolean {
  return text !== '' && !text.startsWith('-');
}

/** What other programs call a command. */
const synonyms: Readonly<Record<string, string>> = {
  ...{ rm: 'remove', del: 'remove', delete: 'remove', unset: 'remove', clear: 'remove', add: 'set' },
  ...{ ls: 'list', show: 'list', ps: 'list', top: 'watch', monitor: 'watch', ss: 'connections', run: 'measure' },
  ...{ import: 'apply', diff: 'test', check: 'test' },
};

/** Asks whether the name that is nearest was meant, where one is near. */
function meant(word: string, names: readonly string[], prefix: string): string {
  const synonym = Object.hasOwn(synonyms, word) ? synonyms[word] : undefined;
  const long = names.filter((name) => name.length > 1);
  const near =
    long.find((name) => name === synonym) ?? closestMatch(word, long, { maxDistance: word.length > 4 ? 3 : 2 });
  return near === undefined ? '' : ` (did you mean ${prefix}${near}?)`;
}
