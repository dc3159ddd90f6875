import { readCommandLine } from '../words.js';
import { descriptionLayout as layout, protocol } from './protocol.generated.js';
import { readText } from './record-values.js';

/** What the system says of a process. */
export interface Description {
  /** Null if it has none, or has exited before anybody noted it. */
  commandLine: string | null;
  /** The systemd unit or Windows service that it belongs to; null if there is none. */
  service: string | null;
}

/** Decodes the struct netflow_description at `offset`; the caller has checked that it is there. */
export function decodeDescription(reply: Buffer, view: DataView, offset: number): Description {
  const bytes = view.getUint32(offset + layout.commandBytes, true);
  const start = offset + layout.command;
  const command = reply.toString('utf8', start, start + Math.min(bytes, protocol.commandBytes));
  const service = readText(reply, offset + layout.service, protocol.serviceBytes);
  return { commandLine: readCommandLine(command, bytes > protocol.commandBytes), service: service || null };
}
