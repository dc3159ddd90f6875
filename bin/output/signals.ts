import { isatty } from 'node:tty';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs until it ends by itself or by a signal. Ctrl+C is the usual end of a watch, and counts as success; any other
 * signal ends the process, as its sender expects, but only after everything is put back.
 */
export async function untilInterrupted(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    received ??= signal;
    controller.abort();
  };
  for (const signal of endings) process.on(signal, interrupt);
  try {
    await run(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    for (const signal of endings) process.off(signal, interrupt);
  }
  if (received !== undefined && received !== 'SIGINT') dieAfterwards(received);
}

/** Passes signals on to a command that runs, and outlives it: those that reached only this process. */
export async function passingSignals<Result>(
  run: (onStart: (processId: number) => void) => Promise<Result>,
): Promise<Result> {
  let child: number | undefined;
  const pass = (signal: NodeJS.Signals) => {
    if (child !== undefined && !fromTerminal(signal)) sendQuietly(child, signal);
  };
  for (const signal of endings) process.on(signal, pass);
  try {
    return await run((processId) => (child = processId));
  } finally {
    for (const signal of endings) process.off(signal, pass);
  }
}

// Ctrl+C and a terminal that closes reach the whole foreground group. A second signal means "at once" to many programs.
function fromTerminal(signal: NodeJS.Signals): boolean {
  return signal !== 'SIGTERM' && isatty(0);
}

function sendQuietly(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch {
    // It has exited meanwhile.
  }
}

function dieAfterwards(signal: NodeJS.Signals): void {
  process.once('exit', () => process.kill(process.pid, signal));
}
