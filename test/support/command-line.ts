import { main } from '../../bin/netflow.js';
import { MemoryDriver, withDriver } from './memory-driver.js';

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

interface Surroundings {
  driver?: MemoryDriver;
  environment?: NodeJS.ProcessEnv;
  /** Whether it writes to a terminal. */
  terminal?: boolean;
}

/** Runs a command line to its end inside of this process, on a driver in memory. */
export async function netflow(
  args: readonly string[],
  { driver = new MemoryDriver(), environment = {}, terminal = false }: Surroundings = {},
): Promise<Said> {
  using output = captureOutput(terminal);
  using _environment = changeEnvironment(environment);
  using _listeners = keepListeners();
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await withDriver(driver, () => main(args));
    return { code: exitCode(), ...output.said };
  } finally {
    process.exitCode = before;
  }
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

function captureOutput(isTTY: boolean): Disposable & { said: Pick<Said, 'stdout' | 'stderr'> } {
  const said = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr'): (() => void) => {
    const stream = process[name];
    const before = { write: Reflect.get(stream, 'write') as unknown, isTTY: stream.isTTY };
    stream.isTTY = isTTY;
    stream.write = (text: string | Uint8Array, ...more: unknown[]): boolean => {
      said[name] += String(text);
      const done = more.find((each) => typeof each === 'function') as (() => void) | undefined;
      done?.();
      return true;
    };
    return () => Object.assign(stream, before);
  };
  const restore = [capture('stdout'), capture('stderr')];
  return { said, [Symbol.dispose]: () => restore.forEach((each) => each()) };
}

function changeEnvironment(changes: NodeJS.ProcessEnv): Disposable {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, changes);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    },
  };
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
