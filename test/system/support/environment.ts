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
  inNamespace(name, 'ip', 'link', 'set', 'lo', 'up');
  return name;
}

/** Joins two namespaces by a veth pair; the first has 10.213.0.1, the second 10.213.0.2. */
export function joinNamespaces(first: string, second: string): void {
  inNamespace(first, 'ip', 'link', 'add', 'nf0', 'type', 'veth', 'peer', 'name', 'nf1', 'netns', second);
  for (const [name, link, address] of [
    [first, 'nf0', '10.213.0.1/24'],
    [second, 'nf1', '10.213.0.2/24'],
  ] as const) {
    inNamespace(name, 'ip', 'address', 'add', address, 'dev', link);
    inNamespace(name, 'ip', 'link', 'set', link, 'up');
  }
}

export function inNamespace(name: string, ...command: readonly string[]): string {
  return runNow('ip', 'netns', 'exec', name, ...command);
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
  inNamespace(middle, 'ip', 'link', 'set', 'far', 'txqueuelen', '20000', 'up');
  inNamespace(middle, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0');
  inNamespace(middle, 'sysctl', '-q', '-w', 'net.ipv4.conf.far.rp_filter=0');
  for (const [number, name] of [first, second].entries()) {
    const link = `to${number + 1}`;
    const network = `10.214.${number + 1}`;
    inNamespace(middle, 'ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    inNamespace(middle, 'ip', 'address', 'add', `${network}.2/24`, 'dev', link);
    inNamespace(middle, 'ip', 'link', 'set', link, 'up');
    inNamespace(name, 'ip', 'address', 'add', `${network}.1/24`, 'dev', 'eth0');
    inNamespace(name, 'ip', 'link', 'set', 'eth0', 'up');
    inNamespace(name, 'ip', 'route', 'add', 'default', 'via', `${network}.2`);
    inNamespace(middle, 'ip', 'rule', 'add', 'iif', link, 'lookup', '100');
  }
  inNamespace(middle, 'ip', 'route', 'add', 'default', 'dev', 'far', 'table', '100');
}
