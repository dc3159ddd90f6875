import { NetFlowError } from '../../errors.js';
import { ConnectionDecoder, countSockets, decodeNames, decodeProcesses, decodeReply } from '../decode.js';
import type { DriverStatistics } from '../decode-sums.js';
import type { Connection } from '../../records.js';
import type { Identity, ProcessRecord, Reading } from '../driver.js';
import { SocketCounter } from '../socket-counter.js';
import { readPieces, readRecords } from './readers.js';
import { UserNames } from './users.js';

/** Kept between readings: a name that had to be asked for is asked for once. */
const users = new UserNames();

/** How far the machine's clock may differ from when the driver started before it counts as having been set. */
const clockStepMs = 500;

/**
 * Reads sockets, then processes, then ended ones: a process that ends in between stands in both of the last two, and
 * the later reading is final. That a process holds sockets gives it its place among the processes, so these come first.
 */
export async function read({ exited }: { exited: boolean }): Promise<Reading> {
  const counter = new SocketCounter();
  readPieces('connections', (piece) => countSockets(piece, counter));
  const { processes, statistics } = await readProcesses(exited);
  return { time: new Date(), processes, sockets: counter.counts(), statistics };
}

/** Holding a socket is what makes a process known: where one was not, the names are read once more. */
export function readConnections(): Connection[] {
  const readNames = (): Map<Identity, string> => decodeNames(readRecords('processes'));
  const decoder = new ConnectionDecoder(readNames());
  readPieces('connections', (piece) => decoder.add(piece));
  return decoder.finish(readNames);
}

async function readProcesses(withExited: boolean) {
  const buffers = [readRecords('processes')];
  if (withExited) buffers.push((await import('./exited.js')).readExited(readStatistics().exitedProcesses));
  const statistics = readStatistics();
  const bootTime = bootTimeOf(statistics);
  const decode = (): ProcessRecord[] => decodeProcesses(buffers, { bootTime, userName: users.name });
  const processes = decode();
  return {
    processes: (await users.learn()) ? decode() : processes,
    statistics,
  };
}

/** What the driver says of itself; times on its own clock turned into milliseconds since 1970. */
export function readDriverStatistics(): DriverStatistics {
  const statistics = readStatistics();
  return { ...statistics, started: statistics.started + bootTimeOf(statistics) };
}

function readStatistics(): DriverStatistics {
  const { statistics } = decodeReply(readRecords('statistics'), { bootTime: 0, userName: String });
  if (statistics) return statistics;
  throw new NetFlowError('FAILED', 'The driver gave no statistics: stop it, then try again.');
}

/**
 * The zero of the driver's clock as it was known when the driver started, so that a process has one start time for
 * good; as it is known now where the machine's clock was set since.
 */
function bootTimeOf({ epoch, time }: DriverStatistics): number {
  const measured = Date.now() - time;
  return Math.abs(measured - epoch) < clockStepMs ? epoch : measured;
}
