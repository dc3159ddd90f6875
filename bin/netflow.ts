import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { addCommands, commandNamed } from './commands.js';
import { complete, isCompletionRequest } from './completion/complete.js';
import type { Candidate } from './completion/values.js';
import { usageError } from './explain.js';
import { layOutHelp } from './help.js';
import { reportError } from './output/errors.js';
import { writeLines } from './output/write.js';

/** What its types leave out. */
interface Yargs extends Argv {
  usageConfiguration(configuration: { 'hide-types': boolean }): Argv;
  getOptions(): { key: object };
}

/** Runs one command line. The exit code is in process.exitCode, so that everything written reaches its reader. */
export async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', abandon);
  // A write reports its error by its callback; this only keeps the event from being fatal.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  try {
    if (isCompletionRequest(args)) await complete(args, wordsAfter);
    else await parse(args[0] === 'help' ? helpOf(args.slice(1)) : args);
  } catch (error) {
    reportError(error);
  }
}

/** `help list` is another way to write `list --help`. */
function helpOf(args: readonly string[]): readonly string[] {
  return args.length === 0 || commandNamed(args) !== '' ? [...args, '--help'] : args;
}

async function parse(args: readonly string[]): Promise<void> {
  const line = commandLine(args).fail((message, error) => {
    throw message ? usageError(message, args, Object.keys(line.getOptions().key)) : error;
  }) as Yargs;
  const said = await saidBy(line, args);
  if (said !== '') await writeLines([layOutHelp(said)]);
}

/** Returns the commands and options that can follow a line, as yargs knows them; it describes them to fish. */
async function wordsAfter(words: readonly string[]): Promise<Candidate[]> {
  process.env['SHELL'] = 'fish';
  const args = ['--get-yargs-completions', 'netflow', ...words];
  // A line that is still being typed may be wrong.
  const said = await saidBy(
    commandLine(args).fail(() => {}),
    args,
  );
  const candidates = said.split('\n').map((line) => line.split('\t'));
  return candidates.map(([text = '', about = '']) => ({ text, about })).filter(({ text }) => !/^--?.?$/.test(text));
}

/** Runs a command, and returns what yargs has to say, such as help. */
async function saidBy(line: Argv, args: readonly string[]): Promise<string> {
  let said = '';
  await line.parseAsync([...args], {}, (_error, _argv, output) => void (said = output));
  return said;
}

function commandLine(args: readonly string[]): Argv {
  const bare = yargs([...args], noFolder) as Yargs;
  return addCommands(bare.usageConfiguration({ 'hide-types': true }))
    .scriptName('netflow')
    .usage('$0 COMMAND [OPTION]...')
    .version(packageVersion())
    .alias('help', 'h')
    .wrap(null)
    .locale('en')
    .updateStrings(wording)
    .parserConfiguration(parsing)
    .strict()
    .check(onlyMeasureTakesMore, true)
    .demandCommand(1, 'no command given; it comes first')
    .exitProcess(false);
}

/** No command depends on the current folder, which somebody may have deleted: yargs would ask for it. */
const noFolder = '/';

const parsing = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': true,
} as const;

const wording = {
  'Unknown argument: %s': { one: 'unknown %s', other: 'unknown %s' },
  'Arguments %s and %s are mutually exclusive': '--%s and --%s exclude each other',
  'Not enough arguments following: %s': '--%s needs a value',
} as unknown as Record<string, string>;

function onlyMeasureTakesMore(argv: { _: (string | number)[]; '--'?: unknown }): true {
  const more = argv['--'];
  if (argv._[0] === 'measure' || !Array.isArray(more) || more.length === 0) return true;
  throw new Error('nothing can follow -- here');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

// Ends at once: after an uncaught error, no state can be relied on.
function abandon(error: unknown): void {
  reportError(error);
  process.exit();
}
