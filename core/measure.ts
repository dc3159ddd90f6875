import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import type { Driver } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import type { Measurement } from './records.js';

export interface MeasureOptions {
  /** As of child_process.spawn; the caller's own where not given. */
  stdio?: StdioOptions;
  /** Told the command's process id once it runs. */
  onStart?: (processId: number) => void;
}

/** Runs a command, without a shell, and says what it and its children transferred until it ended. */
export async function measureCommand(
  driver: Driver,
  command: string,
  args: readonly string[],
  options: MeasureOptions,
): Promise<Measurement> {
  const session = await driver.measure();
  try {
    const started = performance.now();
    const exitCode = await run(command, args, options);
    const durationMs = Math.max(1, Math.round(performance.now() - started));
    const sums = await session.read();
    return {
      command: [command, ...args].join(' '),
      exitCode,
      durationMs,
      processes: sums.processes,
      uploadBytes: sums.uploadBytes,
      downloadBytes: sums.downloadBytes,
      averageUploadSpeed: Math.round((sums.uploadBytes * 1000) / durationMs),
      averageDownloadSpeed: Math.round((sums.downloadBytes * 1000) / durationMs),
    };
  } finally {
    await session.close();
  }
}

/** The exit code, or 128 and the signal's number, as a shell says it. */
function run(
  command: string,
  args: readonly string[],
  { stdio = 'inherit', onStart }: MeasureOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio, shell: false });
    child.once('error', (error: NodeJS.ErrnoException) => reject(explain(command, error)));
    child.once('spawn', () => {
      if (child.pid !== undefined) onStart?.(child.pid);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function explain(command: string, error: NodeJS.ErrnoException): NetFlowError {
  if (error.code === 'ENOENT') {
    return new NetFlowError('FAILED', `No command ${command} was found: check its spelling, or give its full path.`, {
      cause: error,
    });
  }
  const why = error.code === 'EACCES' ? 'it is not executable' : error.message;
  return new NetFlowError('FAILED', `${command} can't be run: ${why}.`, { cause: error });
}
