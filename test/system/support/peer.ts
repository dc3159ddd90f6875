import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clientPath } from './clients.js';
import { ended, start } from '../../support/commands.js';

/** The answer to a command: how many bytes the client's own system calls have moved so far, and more numbers. */
export interface Counts {
  pid: number;
  sent: number;
  received: number;
  [name: string]: number;
}

export interface PeerOptions {
  /** A network namespace to run in. */
  namespace?: string;
  args?: readonly string[];
}

/** A client program that obeys commands, lives until it is ended, and counts what it moves. */
export class Peer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';
  /** The last answer. */
  counts: Counts = { pid: 0, sent: 0, received: 0 };

  constructor(
    readonly program: string,
    { namespace, args = [] }: PeerOptions = {},
  ) {
    const command = [clientPath(program), ...args];
    const [file = '', ...rest] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
    this.#child = start(file, rest, { stdio: 'pipe' }) as ChildProcessWithoutNullStreams;
    this.#child.stderr.on('data', (data: Buffer) => (this.#errors += data.toString()));
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a command and returns the answer. A peer does its commands one after the other. */
  async do(...words: readonly (string | number)[]): Promise<Counts> {
    return (this.counts = await this.ask<Counts>(...words));
  }

  /** As `do`, for an answer of another form. */
  async ask<Answer>(...words: readonly (string | number)[]): Promise<Answer> {
    this.#child.stdin.write(`${words.join(' ')}\n`);
    const line = await this.#lines.next();
    if (line.done !== true) return JSON.parse(line.value) as Answer;
    throw new PeerError(this.program, await ended(this.#child), this.#errors.trim());
  }

  /** Lets the program end, and waits until it has. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const outcome = await ended(this.#child);
    if (outcome !== 0) throw new PeerError(this.program, outcome, this.#errors.trim());
  }
}

/** A client that failed; `outcome` is 77 where the kernel lacks what the client needs. */
export class PeerError extends Error {
  constructor(
    program: string,
    readonly outcome: number | string,
    errors: string,
  ) {
    super(`${program} ended with ${outcome}: ${errors}`);
  }
}
