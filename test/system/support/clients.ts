import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runNow } from '../../support/commands.js';
import { projectRoot } from '../../support/paths.js';

const clientSources = join(projectRoot, 'test', 'system', 'clients');
const clientPrograms = join(projectRoot, 'dist', 'test-clients');

const common = ['command.c', 'endpoint.c'];
const needsRing = ['stream_uring', 'datagram'];
/** These are run under other names and roots, where no library can be found. */
const standalone = ['brief', 'image', 'swarm'];
const programs = [
  'crowd',
  'datagram',
  'delay',
  'halfexec',
  'handover',
  'ip',
  'paced',
  'pump',
  'relay',
  'shared',
  'sockmap',
  'uncounted',
  'wire',
  ...standalone,
];

/** Compiles the programs that make the tests' traffic, those that are not up to date. */
export function buildClients(): void {
  mkdirSync(clientPrograms, { recursive: true });
  const files = readdirSync(clientSources);
  const newest = Math.max(...files.map((file) => modified(join(clientSources, file))));
  const streams = files.filter((file) => /^stream_.*\.c$/.test(file)).map((file) => file.slice(0, -2));
  for (const name of [...streams, ...programs]) {
    if (modified(clientPath(name)) < newest) compile(name, streams.includes(name));
  }
}

/** The compiled program's full path. */
export function clientPath(name: string): string {
  return join(clientPrograms, name);
}

function compile(name: string, isStream: boolean): void {
  const sources = [
    `${name}.c`,
    ...common,
    ...(isStream ? ['stream.c'] : []),
    ...(needsRing.includes(name) ? ['ring.c'] : []),
  ];
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-pthread', ...(standalone.includes(name) ? ['-static'] : [])];
  runNow('cc', ...flags, '-o', clientPath(name), ...sources.map((file) => join(clientSources, file)));
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
