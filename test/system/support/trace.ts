import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Traffic } from './traffic.js';

const calls = 'read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg';

/** A command line that runs another under strace, with a file for each thread, named after `output`. */
export function traced(output: string, ...command: readonly string[]): string[] {
  return ['strace', '-ff', '-yy', '-s', '0', '-e', `trace=${calls}`, '-o', output, '--', ...command];
}

/** The traffic that a traced program's system calls returned for its TCP and UDP sockets. */
export function tracedTraffic(output: string): Traffic {
  const files = readdirSync(dirname(output)).filter((name) => name.startsWith(`${basename(output)}.`));
  const lines = files.flatMap((name) => readFileSync(join(dirname(output), name), 'utf8').split('\n'));
  const moved = lines.flatMap((line) => /^(\w+)\(\d+<(?:TCP|UDP).* = (\d+)$/.exec(line) ?? []);
  const traffic = { upload: 0, download: 0 };
  for (let index = 0; index < moved.length; index += 3) {
    const isUpload = /^(write|send)/.test(moved[index + 1] ?? '');
    traffic[isUpload ? 'upload' : 'download'] += Number(moved[index + 2]);
  }
  return traffic;
}
