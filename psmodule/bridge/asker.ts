import type { NetFlow } from '../../core/index.js';
import type { Payload, Table } from './wire.js';

/** The client of a request, as its answer sees it. */
export interface Asker {
  /** Sends a part of the answer, and waits until the client asks for more. */
  batch: (tables: readonly Table[]) => Promise<void>;
  message: (text: string) => void;
  warning: (text: string) => void;
  /** Aborted when the connection has ended. */
  signal: AbortSignal;
}

/** Answers a kind of request: returns the tables of the last batch, or throws. */
export type Answer = (netflow: NetFlow, payload: Payload, asker: Asker) => Promise<readonly Table[]>;
