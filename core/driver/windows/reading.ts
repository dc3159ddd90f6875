import type { Connection } from '../../records.js';
import { rulesInForce } from '../../rule-in-force.js';
import {
  countSockets,
  decodeConnections,
  decodeHandshakeReply,
  decodeNames,
  decodeProcesses,
  decodeReply,
} from '../decode.js';
import type { DecodeContext } from '../decode-process.js';
import type { DriverStatistics, Handshake } from '../decode-sums.js';
import { processIdOf } from '../record-values.js';
import { malformed } from '../malformed.js';
import type { Identity, PathRule, ProcessRecord, Reading } from '../driver.js';
import { protocol } from '../protocol.generated.js';
import { SocketCounter } from '../socket-counter.js';
import { Accounts } from './accounts.js';
import type { Device } from './device.js';
import { DevicePaths } from './device-paths.js';
import { readDrives } from './drives.js';
import { windowsPaths } from './executable-paths.js';
import { decodePathRules } from './rule-records.js';
import { idleConnection, idleProcess, otherSockets, withStates } from './sockets.js';
import { readSystemSockets } from './system-sockets.js';

/** Kept between readings, so that Windows is asked for each name once. */
const accounts = new Accounts();

/**
 * Reads flows, then processes, then exited ones: a process that exits in between stands in both of the last two, and
 * the later reading is final. Windows names the processes whose sockets have no flow.
 */
export function read(device: Device, { exited }: { exited: boolean }): Reading {
  const flows = device.query(protocol.ioctlQueryConnections);
  const counter = new SocketCounter();
  countSockets(flows, counter);
  const sockets = counter.counts();
  const queries = [protocol.ioctlQueryProcesses, ...(exited ? [protocol.ioctlQueryExited] : [])];
  const replies = queries.map((code) => device.query(code));
  const statistics = readStatistics(device);
  const processes = decodeProcesses(replies, decodeContext());
  processes.push(...countOthers(device, decodeConnections(flows, new Map()), { processes, sockets }));
  return { time: new Date(), processes, sockets, statistics };
}

/** Adds the sockets without a flow to those that have one; returns the processes that have no other. */
function countOthers(
  device: Device,
  flows: readonly Connection[],
  { processes, sockets }: Pick<Reading, 'processes' | 'sockets'>,
): ProcessRecord[] {
  const identities = new Map<number, Identity | null>(
    processes.filter(({ exited }) => !exited).map(({ processId, identity }) => [processId, identity]),
  );
  const rules = pathRules(device);
  const added: ProcessRecord[] = [];
  for (const { processId } of otherSockets(flows, readSystemSockets())) {
    if (!identities.has(processId)) {
      const process = idleProcess(processId, accounts, rules);
      if (process) added.push(process);
      identities.set(processId, process?.identity ?? null);
    }
    const identity = identities.get(processId);
    if (identity) sockets.set(identity, (sockets.get(identity) ?? 0) + 1);
  }
  return added;
}

function pathRules(device: Device): Map<string, PathRule> {
  return rulesInForce(decodePathRules(device.query(protocol.ioctlQueryRules), devicePaths()), (path) =>
    windowsPaths.key(path),
  );
}

/** Reads the names after the flows, since a flow is what makes a process known to the driver. */
export function readConnections(device: Device): Connection[] {
  const reply = device.query(protocol.ioctlQueryConnections);
  const names = decodeNames(device.query(protocol.ioctlQueryProcesses));
  const sockets = readSystemSockets();
  const flows = withStates(decodeConnections(reply, names), sockets);
  const nameOf = new Map([...names].map(([identity, name]) => [processIdOf(identity), name]));
  const others = otherSockets(flows, sockets).map((socket) => {
    const { processId } = socket;
    const name = nameOf.get(processId) ?? idleProcess(processId, accounts, new Map())?.name ?? '';
    nameOf.set(processId, name);
    return idleConnection(socket, name);
  });
  return [...flows, ...others];
}

export function readStatistics(device: Device): DriverStatistics {
  const { statistics } = decodeReply(device.query(protocol.ioctlQueryStatistics), decodeContext());
  if (statistics) return statistics;
  throw malformed(0, 'it has no statistics');
}

export function readHandshake(device: Device): Handshake {
  const handshake = decodeHandshakeReply(device.query(protocol.ioctlHandshake));
  if (handshake) return handshake;
  throw malformed(0, 'it does not say which driver answers');
}

/** Reads the drives anew, since they come and go. */
export function devicePaths(): DevicePaths {
  return new DevicePaths(readDrives());
}

function decodeContext(): DecodeContext {
  const paths = devicePaths();
  return {
    bootTime: 0, // the driver's clock counts from 1970
    userName: (_id, sid) => accounts.name(sid),
    executable: (path) => paths.toDos(path),
  };
}
