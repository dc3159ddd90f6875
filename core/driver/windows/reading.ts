import type { Connection } from '../../records.js';
import {
  countSockets,
  decodeConnections,
  decodeHandshakeReply,
  decodeNames,
  decodeProcesses,
  decodeReply,
} from '../decode.js';
import type { DecodeContext } from '../decode.js';
import type { DriverStatistics, Handshake } from '../decode-sums.js';
import { malformed } from '../malformed.js';
import type { Reading } from '../driver.js';
import { protocol } from '../protocol.generated.js';
import { SocketCounter } from '../socket-counter.js';
import { Accounts } from './accounts.js';
import type { Device } from './device.js';
import { DevicePaths } from './device-paths.js';
import { loadKernel32 } from './kernel32.js';

/** Kept between readings: a name is asked for once. */
const accounts = new Accounts();

/**
 * Reads flows, then processes, then ended ones: a process that ends in between stands in both of the last two, and the
 * later reading is final.
 */
export function read(device: Device, { exited }: { exited: boolean }): Reading {
  const counter = new SocketCounter();
  countSockets(device.query(protocol.ioctlQueryConnections), counter);
  const queries = [protocol.ioctlQueryProcesses, ...(exited ? [protocol.ioctlQueryExited] : [])];
  const replies = queries.map((code) => device.query(code));
  const statistics = readStatistics(device);
  const processes = decodeProcesses(replies, decodeContext());
  return { time: new Date(), processes, sockets: counter.counts(), statistics };
}

/** The names after the flows, since a flow is what makes a process known. */
export function readConnections(device: Device): Connection[] {
  const flows = device.query(protocol.ioctlQueryConnections);
  return decodeConnections([flows], decodeNames(device.query(protocol.ioctlQueryProcesses)));
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

/** Drives come and go. */
export function devicePaths(): DevicePaths {
  return new DevicePaths(loadKernel32().drives());
}

function decodeContext(): DecodeContext {
  const paths = devicePaths();
  return {
    bootTime: 0, // the driver's clock counts from 1970
    userName: (_id, sid) => accounts.name(sid),
    executable: (path) => paths.toDos(path),
  };
}
