import { isatty } from 'node:tty';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs until it ends by itself or a signal asks for it. Ctrl+C is how one ends a watch, so it counts as done; after any
 * other signal the process dies of it, as whoever sent it expects, but only once everything is put back.
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

/** Lives on while a command runs that signals are meant for: it gets those that reach only us, and we outlive it. */
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

// Ctrl+C and a terminal that closes reach the whole foreground group; a second time would mean "at once" to many.
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
