import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { NetFlowError } from '../../errors.js';
import type { StartOptions } from '../driver.js';
import {
  layout,
  parametersLayout,
  programs,
  settingsLayout,
  type MapName,
  type ProgramName,
} from './layout.generated.js';
import { failWith, loadLibbpf, type Handle, type Libbpf } from './libbpf.js';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_REALTIME, type Libc } from './libc.js';
import { objectFile, pinDirectory, type IteratorName } from './paths.js';
import { removeTransient, transientDirectory } from './pins.js';
import { readPiecesOf } from './readers.js';
import { cgroupRoot, hasTracepoint } from './requirements.js';

/** Attached first: whoever gets a slot from then on loses it again at its end. */
const lifeHooks: ProgramName[] = ['netflow_exec', 'netflow_exit', 'netflow_fork'];
const countingHooks: ProgramName[] = ['netflow_send', 'netflow_receive', 'netflow_tcp'];
/** Of these the first is loaded that the kernel takes; see limits/sending.ts. */
const sendingHooks: ProgramName[] = ['netflow_sending', 'netflow_sending_function'];
/** Each iterator's program. */
const iterators: Record<IteratorName, ProgramName> = {
  connections: 'read_connections',
  tasks: 'read_tasks',
  processes: 'read_processes',
  statistics: 'read_statistics',
  reapply_rules: 'reapply_rules',
  fit_windows: 'fit_windows',
};
/** On the root of the cgroups: all processes of the machine. */
const cgroupHooks: ProgramName[] = ['netflow_release', 'netflow_socket', 'netflow_connection'];
/** Slots for processes under a rule, where all others are taken: anybody may start processes until there are none. */
const reservedPart = 8;
const leastReserved = 16;
/** These have an element for each process. */
const processMaps: MapName[] = ['processes', 'slots', 'free_slots', 'own_classes'];
/** Called by core, or attached when there is a limit: to interfaces, and two to the root of the cgroups. */
const keptPrograms: ProgramName[] = [
  'read_exited',
  'netflow_egress',
  'netflow_ingress',
  'netflow_classify',
  'netflow_return',
  'netflow_departure',
  'netflow_arrival',
];
const limitMaps: MapName[] = [
  'path_rules',
  'file_rules',
  'process_rules',
  'rule_classes',
  'own_classes',
  'rule_state',
  'agent_news',
];
const keptMaps: MapName[] = ['processes', 'measurements', 'measuring', ...limitMaps];

/**
 * Loads the object, notes the sockets that are open, begins to count and pins it all. Everything is put together in
 * a folder of its own, which gets its real name at the very end: a kill on the way leaves no half driver.
 */
export function loadDriver(libc: Libc, options: StartOptions): void {
  const libbpf = loadLibbpf();
  const staging = transientDirectory('starting');
  const { object, sendingHook } = loadObject(libbpf, libc, options);
  try {
    for (const folder of ['', 'links', 'maps', 'programs', 'limits']) mkdirSync(join(staging, folder), { mode: 0o700 });
    pinIterators(libbpf, object, staging);
    const settings = writeSettings(libbpf, libc, object, null);
    attachHooks(libbpf, object, staging, lifeHooks);
    attachToCgroups(libbpf, object, staging);
    readPiecesOf(join(staging, 'connections'), () => undefined);
    attachHooks(libbpf, object, staging, countingHooks);
    writeSettings(libbpf, libc, object, settings);
    readPiecesOf(join(staging, 'processes'), () => undefined); // notes what there is to say of those with sockets
    pinMaps(libbpf, object, staging);
    pinPrograms(libbpf, object, staging, sendingHook);
    renameSync(staging, pinDirectory);
  } catch (error) {
    removeTransient(staging);
    throw error;
  } finally {
    libbpf.closeObject(object);
  }
}

/**
 * With the first of the hooks where a call begins to send that the kernel has, and lets programs be attached to; or
 * without.
 */
function loadObject(libbpf: Libbpf, libc: Libc, options: StartOptions): { object: Handle; sendingHook?: ProgramName } {
  for (const sendingHook of sendingHooks.filter(isKnown)) {
    const object = openObject(libbpf);
    configure(libbpf, libc, object, options);
    const hook = program(libbpf, object, sendingHook);
    libbpf.setAutoload(hook, true);
    if (libbpf.loadObject(object) === 0 && canAttach(libbpf, hook)) return { object, sendingHook };
    libbpf.closeObject(object);
  }
  const object = openObject(libbpf);
  configure(libbpf, libc, object, options);
  if (libbpf.loadObject(object) !== 0) failWith(libbpf, 'The kernel refused the driver');
  return { object };
}

/** A function may be there or not: the kernel says so when it is asked. */
function isKnown(name: ProgramName): boolean {
  const [kind, target = ''] = programs[name].replace('?', '').split('/');
  return kind !== 'tp_btf' || hasTracepoint(target);
}

function canAttach(libbpf: Libbpf, hook: Handle): boolean {
  const link = libbpf.attach(hook);
  if (link !== null) libbpf.destroyLink(link);
  return link !== null;
}

function openObject(libbpf: Libbpf): Handle {
  const bytes = readFileSync(objectFile());
  const object = libbpf.openObject(bytes, bytes.length, null);
  if (object === null) failWith(libbpf, `${objectFile()} is not a BPF object`);
  return object;
}

/** The sizes of the tables, and the programs' constants. */
function configure(libbpf: Libbpf, libc: Libc, object: Handle, options: StartOptions): void {
  const { maxProcesses = layout.defaultProcesses } = options;
  const resize = (name: MapName, elements: number): void => {
    if (libbpf.setMaxEntries(map(libbpf, object, name), elements) !== 0) failWith(libbpf, `Table ${name}`);
  };
  const reserved = Math.max(leastReserved, Math.ceil(maxProcesses / reservedPart));
  for (const name of processMaps) resize(name, maxProcesses + reserved);
  resize('descriptions', maxProcesses + reserved + layout.exitedProcesses);
  const tick = libc.clockResolution(CLOCK_MONOTONIC_COARSE);
  const constants = Buffer.alloc(parametersLayout.size);
  constants.writeBigUInt64LE(1_000_000_000n / tick, parametersLayout.ticksPerSecond);
  constants.writeUInt32LE(maxProcesses, parametersLayout.processCapacity);
  constants.writeUInt32LE(reserved, parametersLayout.reservedSlots);
  if (libbpf.setInitialValue(map(libbpf, object, '.rodata.parameters'), constants, constants.length) !== 0) {
    failWith(libbpf, "The driver's constants can't be set");
  }
}

/** First with counting off, then the same with counting on. */
function writeSettings(libbpf: Libbpf, libc: Libc, object: Handle, earlier: Buffer | null): Buffer {
  const settings = earlier ?? Buffer.alloc(settingsLayout.size);
  if (earlier) {
    settings.writeUInt32LE(1, settingsLayout.counting);
  } else {
    const boot = libc.clockTime(CLOCK_BOOTTIME);
    settings.writeBigUInt64LE(boot, settingsLayout.startedBoot);
    settings.writeBigUInt64LE(libc.clockTime(CLOCK_REALTIME) - boot, settingsLayout.epoch);
    settings.writeBigUInt64LE(libc.clockTime(CLOCK_MONOTONIC) / 1000n, settingsLayout.startedMonotonic);
  }
  if (libbpf.update(libbpf.mapFd(map(libbpf, object, 'settings')), Buffer.alloc(4), settings, 0) !== 0) {
    failWith(libbpf, "The driver's settings can't be written");
  }
  return settings;
}

function pinIterators(libbpf: Libbpf, object: Handle, staging: string): void {
  for (const [pinName, name] of Object.entries(iterators)) {
    pinLink(libbpf, libbpf.attachIterator(program(libbpf, object, name), null), name, join(staging, pinName));
  }
}

function attachHooks(libbpf: Libbpf, object: Handle, staging: string, names: readonly ProgramName[]): void {
  for (const name of names) {
    pinLink(libbpf, libbpf.attach(program(libbpf, object, name)), name, join(staging, 'links', name));
  }
}

function attachToCgroups(libbpf: Libbpf, object: Handle, staging: string): void {
  const cgroup = cgroupRoot();
  if (cgroup === null) throw new NetFlowError('DRIVER_UNAVAILABLE', 'cgroup2 was unmounted while the driver started.');
  const root = openSync(cgroup, 'r');
  try {
    for (const name of cgroupHooks) {
      const link = libbpf.attachCgroup(program(libbpf, object, name), root);
      pinLink(libbpf, link, name, join(staging, 'links', name));
    }
  } finally {
    closeSync(root);
  }
}

function pinMaps(libbpf: Libbpf, object: Handle, staging: string): void {
  for (const name of keptMaps) pin(libbpf, libbpf.mapFd(map(libbpf, object, name)), join(staging, 'maps', name));
}

function pinPrograms(libbpf: Libbpf, object: Handle, staging: string, sendingHook?: ProgramName): void {
  for (const name of [...keptPrograms, ...(sendingHook ? [sendingHook] : [])]) {
    const fd = libbpf.programFd(program(libbpf, object, name));
    pin(libbpf, fd, join(staging, 'programs', name));
  }
}

/** The pin keeps the link; our own handle on it is given back. */
function pinLink(libbpf: Libbpf, link: Handle | null, name: string, path: string): void {
  if (link === null) failWith(libbpf, `${name} can't be attached`);
  pin(libbpf, libbpf.linkFd(link), path);
  libbpf.destroyLink(link);
}

function pin(libbpf: Libbpf, fd: number, path: string): void {
  if (libbpf.pin(fd, path) !== 0) failWith(libbpf, `${path} can't be pinned`);
}

function program(libbpf: Libbpf, object: Handle, name: ProgramName): Handle {
  return libbpf.findProgram(object, name) ?? missing('program', name);
}

function map(libbpf: Libbpf, object: Handle, name: MapName): Handle {
  return libbpf.findMap(object, name) ?? missing('map', name);
}

function missing(kind: string, name: string): never {
  throw new NetFlowError('FAILED', `The BPF object has no ${kind} ${name}: build NetFlow, or install it again.`);
}
