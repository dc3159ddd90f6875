import { ipv4Text, ipv6Text } from './address.js';
import type { Connection } from '../records.js';
import { readUint64 } from './record-values.js';
import { malformed } from './malformed.js';
import { connectionLayout as layout, connectionState, family, transport } from './protocol.generated.js';

const stateNames: Record<keyof typeof connectionState, string> = {
  none: '',
  established: 'established',
  synSent: 'syn-sent',
  synReceived: 'syn-received',
  finWait1: 'fin-wait-1',
  finWait2: 'fin-wait-2',
  timeWait: 'time-wait',
  closed: 'closed',
  closeWait: 'close-wait',
  lastAck: 'last-ack',
  listen: 'listen',
  closing: 'closing',
};

const nameOfTransport = new Map<number | undefined, Connection['protocol']>(
  (Object.keys(transport) as (keyof typeof transport)[]).map((name) => [transport[name], name]),
);

const nameOfState: string[] = [];
for (const key of Object.keys(connectionState) as (keyof typeof connectionState)[]) {
  nameOfState[connectionState[key]] = stateNames[key];
}

/** Decodes the struct netflow_connection at `offset`; the caller has checked that it is there. */
export function decodeConnection(reply: Buffer, view: DataView, offset: number, processName: string): Connection {
  const protocol = transportName(reply, offset);
  const addressText = addressFormat(reply, offset);
  return {
    protocol,
    localAddress: addressText(reply, offset + layout.localAddress),
    localPort: view.getUint16(offset + layout.localPort, true),
    remoteAddress: addressText(reply, offset + layout.remoteAddress),
    remotePort: view.getUint16(offset + layout.remotePort, true),
    state: hasStates(protocol) ? stateName(reply, offset) : '',
    processId: view.getUint32(offset + layout.identityProcessId, true),
    processName,
    uploadBytes: readUint64(view, offset + layout.uploadBytes),
    downloadBytes: readUint64(view, offset + layout.downloadBytes),
    uploadSpeed: readUint64(view, offset + layout.uploadSpeed),
    downloadSpeed: readUint64(view, offset + layout.downloadSpeed),
  };
}

/** A connected UDP socket has a state number in Linux, which means nothing to a reader. */
function hasStates(protocol: Connection['protocol']): boolean {
  return protocol === 'tcp' || protocol === 'sctp';
}

function transportName(reply: Buffer, offset: number): Connection['protocol'] {
  const number = reply[offset + layout.transport];
  const name = nameOfTransport.get(number);
  if (name === undefined) throw malformed(offset, `its transport is ${number}`);
  return name;
}

function addressFormat(reply: Buffer, offset: number): typeof ipv4Text {
  const number = reply[offset + layout.family];
  switch (number) {
    case family.ipv4:
      return ipv4Text;
    case family.ipv6:
      return ipv6Text;
    default:
      throw malformed(offset, `its address family is ${number}`);
  }
}

function stateName(reply: Buffer, offset: number): string {
  const number = reply[offset + layout.state] ?? 0;
  const name = nameOfState[number];
  if (name === undefined) {
    throw malformed(offset, `its state is ${number}`);
  }
  return name;
}
