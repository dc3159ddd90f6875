import type { Argv, CommandModule } from 'yargs';
import { formatRule, limitFields, type Limit, type LimitTarget } from '../../core/index.js';
import { csvOptions, downloadOption, given, jsonOption, onePidOption, pathOption, uploadOption } from '../options.js';
import { UsageError } from '../output/errors.js';
import { writeRows, type Format } from '../output/rows.js';
import { printable } from '../output/text.js';
import { withNetFlow } from '../with-netflow.js';
import { parentOf } from './parent.js';

interface TargetArguments {
  pid?: number | undefined;
  path?: string | undefined;
}

interface SetArguments extends TargetArguments {
  upload?: number | null | undefined;
  download?: number | null | undefined;
  shared?: boolean | undefined;
}

interface RemoveArguments extends TargetArguments {
  all?: boolean | undefined;
}

const set: CommandModule<object, SetArguments> = {
  command: 'set',
  describe: 'Add a limit, or change it, at once and for open connections too',
  builder: (yargs) =>
    withTarget(yargs)
      .options({ upload: uploadOption, download: downloadOption })
      .option('shared', { describe: 'One limit for all processes of the executable together', type: 'boolean' })
      .example('netflow limit set --path /usr/bin/curl --upload 2MB', 'Every curl, now and later')
      .example('netflow limit set --pid 4711 --download 10mbit', 'This process only'),
  handler: async (argv) => {
    const { upload, download, shared } = argv;
    const target = targetOf(argv, 'set');
    if (upload === undefined && download === undefined && shared === undefined) {
      throw new UsageError('limit set needs --upload or --download', 'limit set');
    }
    const change = { ...(upload !== undefined && { upload }), ...(download !== undefined && { download }) };
    await withNetFlow(async (netflow, done) => {
      const now = await netflow.limit.set(target, { ...change, ...given({ shared }) });
      done();
      process.stderr.write(`netflow: ${describeLimit(now)}\n`);
    });
  },
};

const list: CommandModule<object, Format> = {
  command: 'list',
  describe: 'Show all limits',
  builder: (yargs) => yargs.options({ json: jsonOption, ...csvOptions }),
  handler: (argv) =>
    withNetFlow(async (netflow, done) => {
      const rows = await netflow.limit.list();
      done();
      await writeRows(rows, limitFields, argv, 'there are no limits');
    }),
};

const remove: CommandModule<object, RemoveArguments> = {
  command: 'remove',
  describe: 'Remove a limit',
  builder: (yargs) =>
    withTarget(yargs).option('all', {
      describe: 'Every limit that no policy has set',
      type: 'boolean',
      conflicts: ['pid', 'path'],
    }),
  handler: async (argv) => {
    const target = argv.all ? ({ all: true } as const) : targetOf(argv, 'remove');
    await withNetFlow(async (netflow, done) => {
      const removed = await netflow.limit.remove(target);
      done();
      const what = removed.length === 1 ? '1 limit' : `${removed.length} limits`;
      process.stderr.write(`netflow: ${what} removed\n`);
    });
  },
};

/** `netflow limit …`: sets, lists and removes rules. */
export const limit = parentOf('limit', 'Limit what processes send and receive', [set, list, remove]);

/** Describes a limit in one line: what it is, and for how many processes it is in force. */
export function describeLimit({ processId, path, uploadLimit, downloadLimit, shared, processes }: Limit): string {
  const rates = formatRule({ upload: uploadLimit, download: downloadLimit, shared });
  if (path === null) return `limit of process ${processId}: ${rates}`;
  const who = processes === 1 ? '1 process' : `${processes} processes`;
  return `limit of ${printable(path)}: ${rates}; in force for ${who} now`;
}

function withTarget(yargs: Argv): Argv<TargetArguments> {
  return yargs.options({ pid: onePidOption, path: pathOption });
}

function targetOf({ pid, path }: TargetArguments, command: string): LimitTarget {
  if (pid !== undefined) return { processId: pid };
  if (path !== undefined) return { path };
  throw new UsageError(
    `limit ${command} needs --pid or --path${command === 'remove' ? ' or --all' : ''}`,
    `limit ${command}`,
  );
}
