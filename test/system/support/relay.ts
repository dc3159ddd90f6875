import { copyFileSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { ended, run, start, until } from '../../support/commands.js';
import { list } from './netflow.js';
import { Peer } from './peer.js';
import { sum, type Traffic } from './traffic.js';

/** The traffic of both sides of a conversation, as the relay between them saw it, or as NetFlow reports it. */
export interface Sides {
  client: Traffic;
  server: Traffic;
}

/** A relay in front of a server on this machine, and the port that a client is to use. */
export async function relayTo(protocol: 'tcp' | 'udp', serverPort: number): Promise<{ relay: Peer; port: number }> {
  const relay = new Peer('relay');
  const { port = 0 } = await relay.do('serve', protocol, '127.0.0.1', serverPort);
  return { relay, port };
}

/** The traffic that passed a relay, once every connection through it is closed. */
export async function passed(relay: Peer): Promise<Sides> {
  await until('the relay has closed its connections', async () => (await relay.do('counts'))['connections'] === 0);
  const { fromClient = 0, toClient = 0, fromServer = 0, toServer = 0 } = await relay.do('counts');
  return {
    client: { upload: fromClient, download: toClient },
    server: { upload: fromServer, download: toServer },
  };
}

/** Copies an installed program, so that its path tells its processes from all others. */
export async function privateCopy(folder: string, program: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'readlink -f "$(command -v "$1")"', 'sh', program]);
  const file = join(folder, basename(program));
  copyFileSync(stdout.trim(), file);
  return file;
}

/** Reads the traffic of all processes, living or exited, that ran this file. */
export async function trafficOfPath(file: string): Promise<Traffic> {
  return sum((await list({ exited: true })).filter(({ path }) => path === file));
}

/** Runs a program that must succeed, and returns what it wrote to standard output. */
export async function runTo([file = '', ...args]: readonly string[]): Promise<string> {
  const child = start(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (output.stderr += data.toString()));
  const code = await ended(child);
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${output.stderr}${output.stdout}`);
  return output.stdout;
}

/** A TCP port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server and waits until it listens; killed at clean-up. */
export async function serve(port: number, [file = '', ...args]: readonly string[]): Promise<ReturnType<typeof start>> {
  const server = start(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  server.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
  await until(`${file} listens`, () => {
    if (server.exitCode !== null) throw new Error(`${file} ended with ${server.exitCode}: ${errors}`);
    return listens(port);
  });
  return server;
}

/** Reads the kernel's list: a connection would make the server send what no client of the test receives. */
function listens(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.some((line) => line.includes(` ${address} 00000000:0000 0A `));
}
