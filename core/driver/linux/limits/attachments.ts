import { closeSync, existsSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { layout, type ProgramName } from '../layout.generated.js';
import { failWith, firstLinkOptions, linkOptions, loadLibbpf } from '../libbpf.js';
import type { Libc } from '../libc.js';
import { limitsDirectory, programPath } from '../paths.js';
import { attachedDevice } from '../object-info.js';
import { ownDevices } from './devices.js';

/** enum bpf_attach_type. */
const tcxIngress = 46;
const tcxEgress = 47;

/** What a pin's name begins with: the program, and where it is attached. */
const hooks = {
  egress: ['netflow_egress', tcxEgress],
  ingress: ['netflow_ingress', tcxIngress],
  return: ['netflow_return', tcxEgress],
} as const satisfies Record<string, readonly [ProgramName, number]>;
type Hook = keyof typeof hooks;

/** The folder of a namespace's links. */
export function linksOf(inode: number): string {
  return join(limitsDirectory, String(inode));
}

/**
 * Attaches the limits to every interface of this thread's network namespace that has none yet. A link goes with its
 * interface; its pin is removed here.
 */
export function attachInterfaces(libc: Libc, inode: number): void {
  const folder = linksOf(inode);
  const there = libc.interfaces();
  const wanted = new Set(there.flatMap((number) => pinNames(number)));
  const attached = new Set<string>();
  for (const name of readdirSync(folder)) {
    // An interface that was made again with the number of one that has gone has nothing of its links.
    if (wanted.has(name) && isAttached(join(folder, name))) attached.add(name);
    else unlinkSync(join(folder, name));
  }
  for (const name of wanted) if (!attached.has(name)) attachInterface(folder, name);
}

export function makeLinksFolder(inode: number): void {
  if (!existsSync(linksOf(inode))) mkdirSync(linksOf(inode), { mode: 0o700 });
}

/** Detaches all but what hands waiting packets back. */
export function detachInterfaces(folder: string): void {
  for (const name of readdirSync(folder)) if (!name.startsWith('return')) unlinkSync(join(folder, name));
}

function isAttached(path: string): boolean {
  const link = loadLibbpf().open(path);
  if (link < 0) return false;
  try {
    return attachedDevice(link) !== 0;
  } finally {
    closeSync(link);
  }
}

/** A pin's name says which program is where: `egress-2`. */
function pinNames(number: number): string[] {
  if (number === layout.lowerDevice) return [`return-${number}`];
  if (ownDevices.includes(number)) return [];
  return [`egress-${number}`, `ingress-${number}`];
}

function attachInterface(folder: string, name: string): void {
  const [hook = '', number = ''] = name.split('-');
  const [program, type] = hooks[hook as Hook];
  attach(program, { target: Number(number), type, options: firstLinkOptions() }, join(folder, name));
}

/** Where a program is attached: an interface's number, or the file of a cgroup. */
export interface Place {
  target: number;
  type: number;
  options?: object;
}

/** Attaches a program of the running driver, until its pin is removed. */
export function attach(program: ProgramName, { target, type, options = linkOptions() }: Place, pin: string): void {
  const libbpf = loadLibbpf();
  const fd = libbpf.open(programPath(program));
  if (fd < 0) failWith(libbpf, `The driver's program ${program} can't be opened`);
  try {
    const link = libbpf.createLink(fd, target, type, options);
    if (link < 0) failWith(libbpf, `Limits can't be attached: ${basename(pin)}`);
    try {
      if (libbpf.pin(link, pin) !== 0) failWith(libbpf, `${pin} can't be pinned`);
    } finally {
      closeSync(link);
    }
  } finally {
    closeSync(fd);
  }
}
