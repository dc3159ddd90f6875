import type { Context } from 'mocha';
import { onCleanUp } from './cleanup.js';
import { runNow } from './commands.js';

let namespaces = 0;

/** Skips a test for something that this machine lacks. Where everything is to be there, in CI, it fails. */
export function skipWithout(context: Context, reason: string): never {
  if (process.env['CI']) throw new Error(`not to be skipped in CI: ${reason}`);
  if (context.test) context.test.title += ` (skipped: ${reason})`;
  return context.skip();
}

/** True where this process may load programs into the kernel and make namespaces. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

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
