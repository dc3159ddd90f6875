import { basename } from 'node:path/win32';
import type { Connection } from '../../records.js';
import { emptyProcess } from '../decode-process.js';
import type { Identity, PathRule, ProcessRecord } from '../driver.js';
import type { Accounts } from './accounts.js';
import { windowsPaths } from './executable-paths.js';
import { kernelProcessId, readSystemProcess, type SystemProcess } from './system-process.js';
import type { SystemSocket } from './system-sockets.js';
import { Win32Error } from './win32-error.js';

/**
 * The driver knows a socket from its first flow on. Windows knows the others: those that listen, that are bound and
 * wait for datagrams, and connections that nothing has gone through since the driver started.
 */
export function otherSockets(flows: readonly Connection[], sockets: readonly SystemSocket[]): SystemSocket[] {
  const known = new Set(flows.flatMap((flow) => [endpointsOf(flow), ownerOf(flow)]));
  return sockets.filter((socket) => !known.has(socket.protocol === 'udp' ? ownerOf(socket) : endpointsOf(socket)));
}

/**
 * The states that Windows has connections in, where it lists them; the driver knows only that they were established.
 */
export function withStates(flows: readonly Connection[], sockets: readonly SystemSocket[]): Connection[] {
  const states = new Map(sockets.map((socket) => [endpointsOf(socket), socket.state]));
  return flows.map((flow) => ({ ...flow, state: states.get(endpointsOf(flow)) ?? flow.state }));
}

function endpointsOf({ protocol, localAddress, localPort, remoteAddress, remotePort }: SystemSocket): string {
  return `${protocol} ${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

/** A socket has a flow for each peer that it exchanges datagrams with, and may be bound to any address. */
function ownerOf({ protocol, processId, localPort }: SystemSocket): string {
  return `${protocol} of ${processId} ${localPort}`;
}

/** A socket that has moved nothing. */
export function idleConnection(socket: SystemSocket, processName: string): Connection {
  const { processId, ...endpoints } = socket;
  return { ...endpoints, processId, processName, uploadBytes: 0, downloadBytes: 0, uploadSpeed: 0, downloadSpeed: 0 };
}

/** A process without a flow; null where it has exited meanwhile, or nobody may look at it. */
export function idleProcess(
  processId: number,
  accounts: Accounts,
  rules: ReadonlyMap<string, PathRule>,
): ProcessRecord | null {
  const known = processId === kernelProcessId ? kernel : look(processId);
  if (!known) return null;
  const rule = known.path === null ? undefined : rules.get(windowsPaths.key(known.path));
  return {
    ...emptyProcess(),
    identity: known.identity,
    processId,
    startTime: known.startTime,
    uploadLimit: rule?.upload ?? null,
    downloadLimit: rule?.download ?? null,
    user: accounts.name(known.sid),
    name: known.path === null ? (known === kernel ? 'System' : '') : basename(known.path),
    path: known.path,
  };
}

/** Windows' kernel, as the driver describes it. */
const kernel = { identity: `${kernelProcessId}:0:0:0` as Identity, startTime: 0, path: null, sid: undefined };

function look(processId: number): SystemProcess | null {
  try {
    return readSystemProcess(processId);
  } catch (error) {
    if (error instanceof Win32Error) return null;
    throw error;
  }
}
