export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program's main function inside of this process, and returns what it says. */
export async function said(main: () => Promise<void>, { isTerminal = false } = {}): Promise<Said> {
  using output = captureOutput(isTerminal);
  using _listeners = keepListeners();
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await main();
    return { code: exitCode(), ...output.texts };
  } finally {
    process.exitCode = before;
  }
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

function captureOutput(isTTY: boolean): Disposable & { texts: Pick<Said, 'stdout' | 'stderr'> } {
  const texts = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr'): (() => void) => {
    const stream = process[name];
    const before = { write: Reflect.get(stream, 'write') as unknown, isTTY: stream.isTTY };
    stream.isTTY = isTTY;
    stream.write = (text: string | Uint8Array, ...more: unknown[]): boolean => {
      texts[name] += String(text);
      const done = more.find((each) => typeof each === 'function') as (() => void) | undefined;
      done?.();
      return true;
    };
    return () => Object.assign(stream, before);
  };
  const restore = [capture('stdout'), capture('stderr')];
  return { texts, [Symbol.dispose]: () => restore.forEach((each) => each()) };
}

/** A program listens for as long as it lives; this process outlives many. */
function keepListeners(): Disposable {
  const emitters = [process, process.stdout, process.stderr] as NodeJS.EventEmitter[];
  const before = emitters.map((emitter) => ['error', 'uncaughtException'].map((name) => emitter.listeners(name)));
  return {
    [Symbol.dispose]: () =>
      emitters.forEach((emitter, index) =>
        ['error', 'uncaughtException'].forEach((name, place) =>
          emitter
            .listeners(name)
            .filter((listener) => !before[index]?.[place]?.includes(listener))
            .forEach((listener) => emitter.off(name, listener as () => void)),
        ),
      ),
  };
}
