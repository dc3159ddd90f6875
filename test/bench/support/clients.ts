import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { runNow, start } from '../../support/commands.js';
import { projectRoot } from '../../support/paths.js';

const sources = join(projectRoot, 'test', 'bench');
const programs = join(projectRoot, 'dist', 'bench-clients');

/** Compiles the programs that make the benchmarks' traffic, those that are not up to date. */
export function buildClients(): void {
  mkdirSync(programs, { recursive: true });
  for (const file of readdirSync(sources).filter((name) => name.endsWith('.c'))) {
    const source = join(sources, file);
    const program = clientPath(file.slice(0, -2));
    if (modified(program) < modified(source)) {
      runNow('gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source);
    }
  }
}

/** The compiled program's full path. */
export function clientPath(name: string): string {
  return join(programs, name);
}

/** Starts a client that says one line and then waits; `end` lets it go and resolves when it is gone. */
export async function startClient(name: string, ...args: readonly number[]): Promise<Client> {
  const child = start(clientPath(name), args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (!child.stdout) throw new Error(`${name} has no output`);
  const line = await firstLine(child.stdout);
  if (line === undefined) throw new Error(`${name} said nothing`);
  return {
    line,
    async end() {
      child.stdin?.end();
      await gone;
    },
  };
}

export interface Client {
  line: string;
  end(): Promise<void>;
}

async function firstLine(output: NodeJS.ReadableStream): Promise<string | undefined> {
  const lines = createInterface({ input: output });
  return new Promise((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
