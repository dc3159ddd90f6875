import { errorNumbers } from '../errno.js';
import { attribute, message, numberOf, parseAttributes } from './message.js';
import type { NetlinkSocket } from './socket.js';

const types = { newId: 88, getId: 90 } as const;
/** NETNSA_…, linux/net_namespace.h. */
const field = { id: 1, fd: 3 } as const;
const none = 0xffff_ffff;

/**
 * The number by which this thread's network namespace knows another one, open as `fd`; it gives it one where it has
 * none. Undefined where that fails.
 */
export function namespaceId(socket: NetlinkSocket, fd: number): number | undefined {
  const known = readId(socket, fd);
  if (known !== undefined) return known;
  const anyNumber = attribute(field.id, none);
  socket.ask([request(types.newId, [anyNumber, attribute(field.fd, fd)])]);
  return readId(socket, fd);
}

function readId(socket: NetlinkSocket, fd: number): number | undefined {
  const [answer] = socket.ask([request(types.getId, [attribute(field.fd, fd)])]);
  const id = answer && numberOf(parseAttributes(answer.body, 4), field.id);
  return id === none ? undefined : id;
}

function request(type: number, attributes: readonly Buffer[]): Parameters<NetlinkSocket['ask']>[0][number] {
  return {
    message: message(type, 0, Buffer.alloc(4), attributes),
    failure: "A network namespace can't be given a number",
    accepted: [errorNumbers.EEXIST],
  };
}
