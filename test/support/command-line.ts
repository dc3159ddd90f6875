import { main } from '../../bin/netflow.js';
import { MemoryDriver, withDriver } from './memory-driver.js';
import { said, type Said } from './said.js';

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
  using _environment = changeEnvironment(environment);
  return await said(() => withDriver(driver, () => main(args)), { isTerminal: terminal });
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
