import type { NetFlow } from '../../core/index.js';
import type { Payload, Table } from './wire.js';

/** The other end of a connection, as an answer sees it. */
export interface Asker {
  /** Sends some of the answer, and waits until more is asked for. */
  batch: (tables: readonly Table[]) => Promise<void>;
  message: (text: string) => void;
  /** Aborted when the connection has ended. */
  signal: AbortSignal;
}

/** Does one kind of request; returns the tables of its last batch, and throws where it can't be done. */
export type Answer = (netflow: NetFlow, payload: Payload, asker: Asker) => Promise<readonly Table[]>;
