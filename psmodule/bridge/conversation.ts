import { NetFlowError, type NetFlowErrorCode } from '../../core/index.js';
import { answer } from './answer.js';
import type { Asker } from './asker.js';
import { decodePayload, encodeFrame, replies, requests } from './wire.js';

/** A connection. Its requests are answered one after the other. */
export class Conversation {
  readonly #send: (message: Buffer) => void;
  readonly #ended = new AbortController();
  #onNext: (() => void) | undefined;
  #answering = Promise.resolve();

  constructor(send: (message: Buffer) => void) {
    this.#send = send;
  }

  receive(kind: number, payload: Buffer): void {
    if (kind === requests.next) {
      this.#onNext?.();
    } else {
      this.#answering = this.#answering.then(() => this.#answer(kind, payload));
    }
  }

  /** Ends the answer that is under way, and resolves once it has ended. */
  async end(): Promise<void> {
    this.#ended.abort();
    this.#onNext?.();
    await this.settled();
  }

  /** Resolves when all requests so far are answered. */
  async settled(): Promise<void> {
    await this.#answering;
  }

  async #answer(kind: number, payload: Buffer): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const asker: Asker = {
      signal: this.#ended.signal,
      batch: async (tables) => {
        const asked = new Promise<void>((resolve) => (this.#onNext = resolve));
        this.#send(encodeFrame(replies.batch, tables));
        if (!this.#ended.signal.aborted) await asked;
      },
      message: (text) => this.#send(encodeFrame(replies.message, [[[text]]])),
      warning: (text) => this.#send(encodeFrame(replies.warning, [[[text]]])),
    };
    try {
      const tables = await answer(kind, decodePayload(payload), asker);
      this.#send(encodeFrame(replies.last, tables));
    } catch (error) {
      this.#send(encodeFrame(replies.error, [[explain(error)]]));
    }
  }
}

/** What core's errors ask for, in the words of the module. */
const remedies: Partial<Record<NetFlowErrorCode, string>> = {
  DRIVER_NOT_RUNNING: 'Start-NetFlowDriver',
  DRIVER_MISMATCH: 'Stop-NetFlowDriver; Start-NetFlowDriver',
};

/** Returns the code, one line, and the system's own name of its cause. The stacks that edge-js and V8 add are for NETFLOW_DEBUG. */
function explain(error: unknown): [string, string, string | null] {
  if (process.env.NETFLOW_DEBUG) process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  if (error instanceof NetFlowError) {
    const remedy = remedies[error.code];
    const line = remedy === undefined ? error.message : `${error.message.replace(/\.$/, '')} (${remedy}).`;
    return [error.code, line, (error.cause as NodeJS.ErrnoException | undefined)?.code ?? null];
  }
  return ['FAILED', (error as Error).message.split('\n')[0] ?? '', null];
}
