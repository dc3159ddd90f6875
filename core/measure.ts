import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import type { Driver, ProcessRecord } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import type { Measurement, Transfer } from './records.js';
import { joinWords } from './words.js';

export interface MeasureOptions {
  /** As for child_process.spawn; the caller's own if absent. */
  stdio?: StdioOptions;
  /** Called with the command's process id once it runs. */
  onStart?: (processId: number) => void;
}

/** Runs a command, without a shell, and returns the traffic of it and its children until it ended. */
export async function measureCommand(
  driver: Driver,
  command: string,
  args: readonly string[],
  options: MeasureOptions,
): Promise<Measurement> {
  const measurement = await driver.measure();
  try {
    const started = performance.now();
    const exitCode = await run(command, args, options);
    const duration = performance.now() - started;
    return { command: joinWords([command, ...args]), exitCode, ...toTransfer(duration, await measurement.read()) };
  } finally {
    await measurement.close();
  }
}

/** A measurement of a process that runs already, and of the processes that it starts. */
export interface ProcessMeasurement extends AsyncDisposable {
  /** Returns their traffic since it began; `processes` is how many the process has started. */
  read(): Promise<Transfer>;
}

/** Begins to measure the traffic of a process itself and of all the processes that it starts from now on. */
export async function measureProcess(driver: Driver, processId: number): Promise<ProcessMeasurement> {
  const own = async () => latestImage((await driver.read({ exited: true })).processes, processId);
  const before = await own(); // first, since a failure later would leave the measurement open
  const descendants = await driver.measure(processId);
  const started = performance.now();
  return {
    async read() {
      const duration = performance.now() - started;
      const [children, after] = [await descendants.read(), await own()];
      const base = after && after.identity === before?.identity ? before : { uploadBytes: 0, downloadBytes: 0 };
      return toTransfer(duration, {
        processes: children.processes,
        uploadBytes: children.uploadBytes + (after?.uploadBytes ?? 0) - base.uploadBytes,
        downloadBytes: children.downloadBytes + (after?.downloadBytes ?? 0) - base.downloadBytes,
      });
    },
    [Symbol.asyncDispose]: () => descendants.close(),
  };
}

/** Returns the image that runs, or ended last: an id is used again, and an exec replaces the image. */
function latestImage(processes: readonly ProcessRecord[], processId: number): ProcessRecord | undefined {
  const images = processes.filter((process) => process.processId === processId);
  return images.find(({ exited }) => !exited) ?? images.toSorted((a, b) => b.startTime - a.startTime)[0];
}

type Sums = Pick<Transfer, 'processes' | 'uploadBytes' | 'downloadBytes'>;

function toTransfer(milliseconds: number, { processes, uploadBytes, downloadBytes }: Sums): Transfer {
  const durationMs = Math.max(1, Math.round(milliseconds));
  const perSecond = (bytes: number): number => Math.round((bytes * 1000) / durationMs);
  return {
    durationMs,
    processes,
    uploadBytes,
    downloadBytes,
    averageUploadSpeed: perSecond(uploadBytes),
    averageDownloadSpeed: perSecond(downloadBytes),
  };
}

/** Returns the exit code, or 128 and the signal's number, as a shell does. */
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
    return new NetFlowError(
      'FAILED',
      `The command ${command} was not found: check its spelling, or give its full path.`,
      {
        cause: error,
      },
    );
  }
  const why = error.code === 'EACCES' ? 'it is not executable' : error.message;
  return new NetFlowError('FAILED', `${command} can't be run: ${why}.`, { cause: error });
}
