import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { onCleanUp } from '../../support/cleanup.js';
import { clientPath } from './clients.js';
import { start } from '../../support/commands.js';

export type Side = 'send' | 'receive';

export interface Flow {
  protocol?: 'tcp' | 'udp';
  connections?: number;
  /** Of a datagram, or of what one call hands over. */
  bytes?: number;
  address?: string;
  /** Where that is not the address, or the port, that the other side listens at. */
  connectTo?: string;
  connectToPort?: number;
  warmUpMs?: number;
  measureMs?: number;
  namespaces?: Partial<Record<Side, string>>;
  /** Has the sender listen, and the receiver connect to it. */
  reversed?: boolean;
  /** Instead of moving as much as it can, measures round trips; their samples are in microseconds. */
  probing?: boolean;
  /** Called with the port that one side listens at, before the other one connects to it. */
  onPort?: (port: number) => void;
  /** TCP's congestion control, instead of the machine's. */
  congestion?: string;
  /** Has TCP's segments signed. */
  signed?: boolean;
  /** Has every packet of IPv6 begin with destination options. */
  extended?: boolean;
  /** The device that sockets are bound to, as to a VRF. */
  device?: string;
  /** SO_PRIORITY. */
  priority?: number;
  /** The address is a group of multicast that stays on this machine, by this interface. */
  multicast?: string;
  /** How many microseconds the sender rests after each call. */
  pause?: number;
  /** Others have the receiver's port as well, and a program chooses it of all. */
  sharedPort?: boolean;
  /** Has children of the programs send and receive. */
  forked?: boolean;
  /** The programs to run instead of pump. */
  programs?: Partial<Record<Side, string>>;
}

/** The bytes that a side's own calls moved: all of them at each time, and each connection's after the warm-up. */
export interface Moved {
  samples: [ms: number, bytes: number][];
  connections: number[];
}

export interface RunningFlow {
  pids: Record<Side, number>;
  result: Promise<Record<Side, Moved>>;
  /** Ends the flow before its time is over. */
  end: () => Promise<Record<Side, Moved>>;
}

/** CLOCK_MONOTONIC in milliseconds, as samples have it. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** For a flow that the test ends, after commands whose time it can't know. */
export const untilEnded = { warmUpMs: 0, measureMs: 90_000 };

let folder: string | undefined;

/** Copies pump, or another client, so that its path can have rules of its own. */
export function pumpAs(name: string, client = 'pump'): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'netflow-pump-'));
    folder = made;
    onCleanUp(() => {
      rmSync(made, { recursive: true, force: true });
      folder = undefined;
    });
  }
  const path = join(folder, name);
  copyFileSync(clientPath(client), path);
  return path;
}

/**
 * Starts the side that listens and then the one that connects to it; both run for the warm-up and the time that is
 * measured.
 */
export async function startFlow(flow: Flow): Promise<RunningFlow> {
  const { address = '127.0.0.1' } = flow;
  const size = flow.bytes === undefined ? [] : [flow.bytes];
  const [listening, connecting]: [Side, Side] = flow.reversed ? ['send', 'receive'] : ['receive', 'send'];
  const listener = startSide(flow, listening, address);
  const listenerLines = linesOf(listener);
  const first = await listenerLines.next();
  if (first.done === true) throw new Error('pump does not listen');
  flow.onPort?.(Number(first.value));
  const [where, port] = [flow.connectTo ?? address, flow.connectToPort ?? first.value];
  const connector = startSide(flow, connecting, where, port, ...size);
  const result = Promise.all([readMoved(listenerLines), readMoved(linesOf(connector))]).then(([listened, connected]) =>
    flow.reversed ? { send: listened, receive: connected } : { send: connected, receive: listened },
  );
  result.catch(() => undefined);
  const [sender, receiver] = flow.reversed ? [listener, connector] : [connector, listener];
  const end = () => {
    sender.kill('SIGTERM'); // the receiver comes to the end of what was sent
    return result;
  };
  return { pids: { send: sender.pid ?? 0, receive: receiver.pid ?? 0 }, result, end };
}

function startSide(flow: Flow, side: Side, where: string, ...more: readonly (string | number)[]): ChildProcess {
  const { protocol = 'tcp', connections = 1, warmUpMs = 2000, measureMs = 10_000 } = flow;
  const program = flow.programs?.[side] ?? clientPath('pump');
  const extraMs = side === 'receive' ? 500 : 0; // the receiver stays longer: what is sent to nobody is no traffic
  const role = `${flow.forked ? 'fork-' : ''}${roleOf(flow, side)}`;
  const command = [program, role, where, protocol, connections, warmUpMs, measureMs + extraMs, ...more].map(String);
  const namespace = flow.namespaces?.[side];
  const prefix = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [file = '', ...rest] = [...prefix, ...command];
  return start(file, rest, { env: environmentOf(flow), stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What the programs are told by their environment. */
function environmentOf({
  congestion,
  signed,
  extended,
  device,
  priority,
  multicast,
  pause,
  sharedPort,
}: Flow): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(congestion && { PUMP_CONGESTION: congestion }),
    ...(signed && { PUMP_SIGNED: 'yes' }),
    ...(extended && { PUMP_EXTENDED: 'yes' }),
    ...(device && { PUMP_DEVICE: device }),
    ...(priority && { PUMP_PRIORITY: String(priority) }),
    ...(multicast && { PUMP_MULTICAST: multicast }),
    ...(pause && { PUMP_PAUSE: String(pause) }),
    ...(sharedPort && { PUMP_SHARED_PORT: 'yes' }),
  };
}

function roleOf({ reversed, probing }: Flow, side: Side): string {
  if (probing) return { send: 'probe', receive: 'echo' }[side];
  return reversed ? { send: 'serve', receive: 'fetch' }[side] : side;
}

export async function runFlow(flow: Flow): Promise<Record<Side, Moved>> {
  return (await startFlow(flow)).result;
}

/** Bytes per second between two times of the samples, which are taken every 50 ms. */
export function rateBetween({ samples }: Moved, from: number, to: number): number {
  const inside = samples.filter(([ms]) => ms >= from && ms <= to);
  const [first, last] = [inside[0], inside.at(-1)];
  if (!first || !last || last[0] - first[0] < 0.8 * (to - from)) {
    throw new Error(`there are no samples from ${from} to ${to}: ${JSON.stringify([samples[0], samples.at(-1)])}`);
  }
  return ((last[1] - first[1]) * 1000) / (last[0] - first[0]);
}

/** The rate after the warm-up. */
export function steadyRate(moved: Moved, { warmUpMs = 2000, measureMs = 10_000 }: Flow): number {
  const start = (moved.samples[0]?.[0] ?? 0) + warmUpMs;
  return rateBetween(moved, start, start + measureMs);
}

/** The highest rate in any window of so many milliseconds, from the very first byte on. */
export function highestRate({ samples }: Moved, windowMs: number): number {
  let highest = 0;
  let end = 0;
  for (const [ms, bytes] of samples) {
    while (end < samples.length && (samples[end]?.[0] ?? 0) < ms + windowMs) end += 1;
    const last = samples[end];
    if (!last) break;
    highest = Math.max(highest, ((last[1] - bytes) * 1000) / (last[0] - ms));
  }
  return highest;
}

/** Jain's index: 1 where all connections moved the same, 1/n where one moved all. */
export function fairness({ connections }: Moved): number {
  const sum = connections.reduce((total, bytes) => total + bytes, 0);
  const squares = connections.reduce((total, bytes) => total + bytes * bytes, 0);
  return (sum * sum) / (connections.length * squares);
}

async function readMoved(lines: AsyncIterator<string>): Promise<Moved> {
  const line = await lines.next();
  if (line.done === true) throw new Error('pump ended without a word');
  return JSON.parse(line.value) as Moved;
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (!child.stdout) throw new Error('pump has no output');
  return createInterface(child.stdout)[Symbol.asyncIterator]();
}
