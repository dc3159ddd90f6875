import { readFileSync } from 'node:fs';
import { inNamespace, joinFarNamespaces, joinNamespaces, networkNamespace } from '../system/support/environment.js';
import { KB, limit, removeLimits } from '../system/support/limits.js';
import { fairness, highestRate, pumpAs, runFlow, steadyRate, type Flow, type Side } from '../system/support/pump.js';
import { shapeByPort } from './hand-made-htb.js';
import type { LimitExtent } from './support/extent.js';
import { median } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

interface Network {
  name: string;
  flow: Flow;
  /** The interface of each side that a limit by hand is set on. */
  devices: Record<Side, string>;
}

const warmUpMs = 2000;

/** Rates, bursts, cost and delay of limits over a network, and of the same limits made with tc by hand. */
export async function* reportCeilings(network: Network, extent: LimitExtent): AsyncGenerator<Report> {
  const rows: string[][] = [];
  for (const each of casesOf(extent)) {
    const what = `${each.rate / KB} KB/s ${each.side === 'send' ? 'up' : 'down'} x ${each.connections}`;
    say(`${network.name}: ${what}`);
    const ours = await measure(network, each, limitWithNetFlow);
    const theirs = await measure(network, each, limitByHand);
    rows.push([what, ...ours.flatMap((figure, index) => [figure, theirs[index] ?? ''])]);
  }
  yield {
    title: `Limits over ${network.name}: NetFlow, and a hand-made tc HTB on the same flows`,
    head: ['', ...['rate %', '100 ms', '1 s', 'CPU s/GB', 'delay ms', 'Jain'].flatMap((name) => [name, 'tc'])],
    rows,
    notes: [
      `Payload that the receiver's own calls took, over ${extent.seconds} s after 2 s, in percent of the limit; the most in any`,
      '100 ms and any second, as a multiple of the limit; what the whole machine computed; the median round trip of',
      'another connection under the same limit, less that of the network; and how equal the connections are.',
    ],
  };
}

function casesOf({ connections, seconds, rates }: LimitExtent): Case[] {
  const sides = ['send', 'receive'] as const;
  return rates.flatMap((rate) =>
    connections.flatMap((count) => sides.map((side) => ({ rate, connections: count, side, seconds }))),
  );
}

export function loopback(): Network {
  const alone = networkNamespace();
  return {
    name: 'loopback',
    flow: { namespaces: { send: alone, receive: alone } },
    devices: { send: 'lo', receive: 'lo' },
  };
}

export function vethPair(): Network {
  const [send, receive] = [networkNamespace(), networkNamespace()];
  joinNamespaces(send, receive);
  const flow = { namespaces: { send, receive }, address: '10.213.0.2' };
  return { name: 'a veth pair', flow, devices: { send: 'nf0', receive: 'nf1' } };
}

export async function farNetwork(): Promise<Network> {
  const [send, receive] = [networkNamespace(), networkNamespace()];
  await joinFarNamespaces(send, receive, farRoundTripMs);
  const flow = { namespaces: { send, receive }, address: '10.214.2.1' };
  return {
    name: `a network of ${farRoundTripMs} ms`,
    flow,
    devices: { send: 'eth0', receive: 'eth0' },
  };
}

const farRoundTripMs = 20;

interface Case {
  rate: number;
  connections: number;
  side: Side;
  seconds: number;
}

interface Limiter {
  programs: Partial<Record<Side, string>>;
  onPort?: (port: number) => void;
  remove: () => void | Promise<void>;
}

async function limitWithNetFlow(_: Network, { rate, side }: Case): Promise<Limiter> {
  const program = pumpAs('limited');
  await limit('--path', program, side === 'send' ? '--upload' : '--download', rate, '--shared');
  return { programs: { [side]: program }, remove: removeLimits };
}

async function limitByHand({ flow, devices }: Network, { rate, side }: Case): Promise<Limiter> {
  const namespace = flow.namespaces?.[side] ?? '';
  const shaper = shapeByPort((...command) => inNamespace(namespace, ...command), devices[side], side, rate);
  return { programs: {}, onPort: shaper.addPort, remove: shaper.remove };
}

async function measure(
  network: Network,
  each: Case,
  prepare: (network: Network, each: Case) => Promise<Limiter>,
): Promise<string[]> {
  const { programs, onPort, remove } = await prepare(network, each);
  try {
    const times = { warmUpMs, measureMs: each.seconds * 1000 + 500 };
    const flow = { ...network.flow, ...times, programs, ...(onPort && { onPort }) };
    const before = busySeconds();
    const [moved, probed] = await Promise.all([
      runFlow({ ...flow, connections: each.connections }),
      runFlow({ ...flow, probing: true }),
    ]);
    const busy = busySeconds() - before;
    const gigabytes = (moved.receive.samples.at(-1)?.[1] ?? 0) / 1e9;
    const trips = probed.send.samples.slice(probed.send.samples.length / 4).map(([, microseconds]) => microseconds);
    const delay = median(trips) / 1000 - (network.name.includes('ms') ? farRoundTripMs : 0);
    return [
      ((steadyRate(moved.receive, { warmUpMs, measureMs: each.seconds * 1000 }) / each.rate) * 100).toFixed(1),
      (highestRate(moved.receive, 100) / each.rate).toFixed(2),
      (highestRate(moved.receive, 1000) / each.rate).toFixed(2),
      (busy / gigabytes).toFixed(1),
      delay.toFixed(0),
      fairness(moved.receive).toFixed(3),
    ];
  } catch (error) {
    return [(error as Error).message.slice(0, 20)];
  } finally {
    await remove();
  }
}

/** What all cores have done since the machine started, in seconds. */
function busySeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/u)
    .map(Number);
  return (user + nice + system + interrupts + softInterrupts) / 100;
}
