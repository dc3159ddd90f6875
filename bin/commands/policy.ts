import type { Argv, CommandModule } from 'yargs';
import { formatPolicy, formatRule, type PolicyDifference } from '../../core/index.js';
import { jsonOption } from '../options.js';
import { jsonObject } from '../output/json.js';
import { printable } from '../output/text.js';
import { write, writeLines } from '../output/write.js';
import { withNetFlow } from '../with-netflow.js';
import { parentOf } from './parent.js';

interface FileArguments {
  file: string;
}

interface TestArguments extends FileArguments {
  json?: boolean | undefined;
}

const apply: CommandModule<object, FileArguments> = {
  command: 'apply <file>',
  describe: "Make the policy's limits equal to the file, all or nothing",
  builder: withFile,
  handler: ({ file }) =>
    withNetFlow(async (netflow, done) => {
      const changes = await netflow.policy.apply(file);
      done();
      process.stderr.write(`netflow: ${summarize(changes)}\n`);
    }),
};

const exportRules: CommandModule<object, { file?: string | undefined }> = {
  command: 'export [file]',
  describe: 'Write the limits of paths to a file, or as CSV to standard output',
  builder: (yargs) => yargs.positional('file', { describe: 'The file, .csv or .json', type: 'string' }),
  handler: ({ file }) =>
    withNetFlow(async (netflow, done) => {
      const rules = await netflow.policy.export(file);
      done();
      if (file === undefined) await write(formatPolicy(rules, 'standard-output.csv'));
    }),
};

const test: CommandModule<object, TestArguments> = {
  command: 'test <file>',
  describe: 'Show what differs from the file; exit code 1 if anything does',
  builder: (yargs) => withFile(yargs).option('json', jsonOption),
  handler: ({ file, json }) =>
    withNetFlow(async (netflow, done) => {
      const differences = await netflow.policy.test(file);
      done();
      if (differences.length > 0) process.exitCode = 1;
      await writeLines(json ? [jsonObject(differences)] : differences.map(describeDifference));
    }),
};

const remove: CommandModule = {
  command: 'remove',
  describe: "Remove the policy's limits",
  handler: () =>
    withNetFlow(async (netflow, done) => {
      const removed = await netflow.policy.remove();
      done();
      process.stderr.write(`netflow: ${removed.length === 1 ? '1 limit' : `${removed.length} limits`} removed\n`);
    }),
};

/** `netflow policy …`: applies, tests and writes a file of path rules, CSV or JSON. */
export const policy = parentOf('policy', 'Apply or test a file of limits, or write one', [
  apply,
  exportRules,
  test,
  remove,
]);

function withFile(yargs: Argv): Argv<FileArguments> {
  return yargs.positional('file', { describe: 'The file, .csv or .json', type: 'string', demandOption: true });
}

function describeDifference({ path, expected, actual }: PolicyDifference): string {
  return `${printable(path)}: expected ${formatRule(expected)}; found ${formatRule(actual)}`;
}

function summarize(changes: readonly PolicyDifference[]): string {
  if (changes.length === 0) return 'the policy was in force already';
  const added = changes.filter(({ actual }) => actual === null).length;
  const removed = changes.filter(({ expected }) => expected === null).length;
  return `policy applied: ${added} added, ${changes.length - added - removed} changed, ${removed} removed`;
}
