import type { CommandModule } from 'yargs';
import { formatBytes, formatDuration, formatSpeed, measurementFields, type Measurement } from '../../core/index.js';
import { jsonOption } from '../options.js';
import { NotRun, UsageError } from '../output/errors.js';
import { jsonLine } from '../output/json.js';
import { passingSignals } from '../output/signals.js';
import { printable, truncate } from '../output/text.js';
import { writeLines } from '../output/write.js';
import { withNetFlow } from '../with-netflow.js';

interface MeasureArguments {
  json?: boolean | undefined;
  '--'?: string[];
}

const fieldNames = measurementFields.map(({ name }) => name);

const describe = 'Run a command and show what it and its children transferred';

/** `netflow measure -- COMMAND ARG…`: shows what a command and its children transferred, and exits with its code. */
export const measure: CommandModule<object, MeasureArguments> = {
  command: 'measure',
  describe,
  builder: (yargs) =>
    yargs
      .usage(`$0 measure [--json] -- COMMAND ARG...\n\n${describe}`)
      .options({ json: jsonOption })
      .example('netflow measure -- curl -sO https://example.org/file', 'What a download costs'),
  handler: async (argv) => {
    const [command, ...args] = argv['--'] ?? [];
    if (command === undefined || command === '') {
      throw new UsageError('measure needs a command to run, after --', 'measure');
    }
    const measurement = await withNetFlow((netflow, done) =>
      passingSignals((onStart) => {
        done();
        return netflow.measure(command, args, { onStart });
      }),
    ).catch(explain);
    process.exitCode = measurement.exitCode;
    if (argv.json) await writeLines([jsonLine(measurement, fieldNames)]);
    else process.stderr.write(`netflow: ${summarize(measurement)}\n`);
  },
};

/** Has a command that can't be started end as a shell and `env` do. */
function explain(error: Error & { cause?: { code?: string; syscall?: string } }): never {
  const { code, syscall } = error.cause ?? {};
  if (syscall?.startsWith('spawn') !== true) throw error;
  throw new NotRun(error.message, code === 'ENOENT' ? 127 : 126, { cause: error.cause });
}

/** Describes a measurement in one line. */
export function summarize(measurement: Measurement): string {
  const { processes, exitCode } = measurement;
  return [
    `${truncate(printable(measurement.command), 60)} sent ${formatBytes(measurement.uploadBytes)}`,
    ` (${formatSpeed(measurement.averageUploadSpeed)})`,
    ` and received ${formatBytes(measurement.downloadBytes)} (${formatSpeed(measurement.averageDownloadSpeed)})`,
    ` in ${formatDuration(measurement.durationMs)}, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
    exitCode === 0 ? '' : `, exit code ${exitCode}`,
  ].join('');
}
