import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { onCleanUp } from '../../support/cleanup.js';
import { clientPath } from './clients.js';
import { runNow, start } from '../../support/commands.js';

let namespaces = 0;

/** A network namespace of this run alone, its loopback up; removed at clean-up. */
export function networkNamespace(): string {
  const name = `nf${process.pid}x${++namespaces}`;
  runNow('ip', 'netns', 'add', name);
  onCleanUp(() => runNow('ip', 'netns', 'delete', name));
  runNow('ip', '-netns', name, 'link', 'set', 'lo', 'up');
  return name;
}

/** Joins two namespaces by a veth pair; the first has 10.213.0.1, the second 10.213.0.2. */
export function joinNamespaces(first: string, second: string): void {
  setUp(first, `ip link add nf0 type veth peer name nf1 netns ${second}`, ...address('nf0', '10.213.0.1/24'));
  setUp(second, ...address('nf1', '10.213.0.2/24'));
}

/** The commands that bring an interface up with an address. */
export function address(link: string, text: string): string[] {
  return [`ip address add ${text} dev ${link}`, `ip link set ${link} up`];
}

export function inNamespace(name: string, ...command: readonly string[]): string {
  return runNow('ip', 'netns', 'exec', name, ...command);
}

/**
 * Runs lines of Bash, each of which must succeed. BusyBox's shell, as guests have it, would take its own `ip` instead of
 * iproute2's. Where all are of `ip`, one process of that runs them.
 */
export function setUp(name: string, ...lines: readonly string[]): void {
  if (!lines.every((line) => line.startsWith('ip '))) {
    inNamespace(name, 'bash', '-ec', lines.join('\n'));
    return;
  }
  const input = lines.map((line) => line.slice('ip '.length)).join('\n');
  execFileSync('ip', ['-netns', name, '-batch', '-'], { input, stdio: 'pipe' });
}

/**
 * Joins two namespaces by a third that forwards, with a round trip of so many milliseconds: what arrives has come over
 * the network, without its sender's socket. The first has 10.214.1.1, the second 10.214.2.1.
 */
export async function joinFarNamespaces(first: string, second: string, roundTripMs: number): Promise<void> {
  const middle = networkNamespace();
  const way = ['far', String(roundTripMs * 500)];
  const forwarder = start('ip', ['netns', 'exec', middle, clientPath('delay'), ...way], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(forwarder.stdout ?? forwarder, 'data');
  setUp(
    middle,
    'ip link set far txqueuelen 20000 up',
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.far.rp_filter=0',
    'ip route add default dev far table 100',
  );
  for (const [number, name] of [first, second].entries()) {
    const [link, network] = [`to${number + 1}`, `10.214.${number + 1}`];
    const wire = `ip link add ${link} type veth peer name eth0 netns ${name}`;
    setUp(middle, wire, ...address(link, `${network}.2/24`), `ip rule add iif ${link} lookup 100`);
    setUp(name, ...address('eth0', `${network}.1/24`), `ip route add default via ${network}.2`);
  }
}
