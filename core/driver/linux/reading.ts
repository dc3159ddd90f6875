import { decodeReply } from '../decode.js';
import type { ConnectionRecord, ProcessRecord, Reading } from '../driver.js';
import { NetFlowError } from '../../errors.js';
import { readRecords } from './readers.js';
import { UserNames } from './users.js';

/** How far the machine's clock may differ from when the driver started before it counts as having been set. */
const clockStepMs = 500;

/**
 * Reads connections, then processes, then ended ones: a process that ends in between stands in both of the last two,
 * and the later reading is final. Naming a holder of sockets is what gives it its place among the processes.
 */
export async function read({ exited }: { exited: boolean }): Promise<Reading> {
  const names = exited ? (['connections', 'processes', 'exited'] as const) : (['connections', 'processes'] as const);
  const buffers = [...names.map(readRecords), readRecords('statistics')];
  const time = new Date();
  const users = new UserNames();
  const reply = decode(buffers, time, users);
  return (await users.learn()) ? decode(buffers, time, users) : reply;
}

function decode(buffers: Buffer[], time: Date, users: UserNames): Reading {
  const statistics = decodeReply(buffers.at(-1) ?? Buffer.alloc(0), { bootTime: 0, userName: users.name }).statistics;
  if (!statistics) throw new NetFlowError('FAILED', 'The driver gave no statistics: stop and start it.');
  const bootTime = bootTimeOf(statistics, time);
  const replies = buffers.slice(0, -1).map((buffer) => decodeReply(buffer, { bootTime, userName: users.name }));
  return {
    time,
    processes: latest(replies.flatMap(({ processes }) => processes)),
    connections: distinct(replies.flatMap(({ connections }) => connections)),
    statistics: { ...statistics, started: statistics.started + bootTime },
  };
}

/** As it was known when the driver started, so that a process has one start time for good; unless the clock was set since. */
function bootTimeOf({ epoch, time }: { epoch: number; time: number }, now: Date): number {
  const measured = now.getTime() - time;
  return Math.abs(measured - epoch) < clockStepMs ? epoch : measured;
}

function latest(processes: ProcessRecord[]): ProcessRecord[] {
  return [...new Map(processes.map((process) => [process.identity, process])).values()];
}

/** A process may hold a socket by several descriptors; the records of a process come one after the other. */
function distinct(connections: ConnectionRecord[]): ConnectionRecord[] {
  const seen = new Set<number>();
  let identity = '';
  return connections.filter((connection) => {
    if (connection.identity !== identity) {
      identity = connection.identity;
      seen.clear();
    }
    if (seen.has(connection.connectionId)) return false;
    seen.add(connection.connectionId);
    return true;
  });
}
