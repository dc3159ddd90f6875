import { randomInt } from 'node:crypto';
import { closeSync, readFileSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { decodeMeasurement, type MeasurementRecord } from '../decode-sums.js';
import { readIdentity } from '../record-values.js';
import { identityLayout, measurementLayout } from '../protocol.generated.js';
import type { Identity, OpenMeasurement, ProcessRecord } from '../driver.js';
import { failWith, loadLibbpf, type Libbpf } from './libbpf.js';
import { mapPath } from './paths.js';

/** How often a reading is taken again because a process ended in the middle of it. */
const attempts = 20;

/** /proc counts in ticks of USER_HZ, which is 100 on every machine. */
const nanosecondsPerTick = 10_000_000n;

type ReadProcesses = () => Promise<ProcessRecord[]>;

/** Opens a measurement of the processes that the owner starts from now on. */
export function openMeasurement(owner: number, readProcesses: ReadProcesses): OpenMeasurement {
  const libbpf = loadLibbpf();
  const fds: number[] = [];
  const open = (name: string): number => {
    const fd = libbpf.open(mapPath(name));
    if (fd < 0) failWith(libbpf, `${mapPath(name)} can't be opened`);
    fds.push(fd);
    return fd;
  };
  const close = (): void => {
    for (const fd of fds.splice(0)) closeSync(fd);
  };
  try {
    const measurements = open('measurements');
    const measuring = open('measuring');
    const id = register(libbpf, measurements, measuring, owner);
    return {
      read: () => readSums(libbpf, measurements, id, readProcesses),
      close: async () => {
        if (measurementOf(libbpf, measuring, owner) === id) libbpf.remove(measuring, key(owner));
        forget(libbpf, measurements, id);
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Enters the measurement under a number that is free. */
function register(libbpf: Libbpf, measurements: number, measuring: number, owner: number): number {
  forgetDead(libbpf, measurements, measuring);
  if (owner !== process.pid) libbpf.remove(measuring, key(owner)); // of somebody who was killed while measuring
  const onlyNew = 1;
  const value = Buffer.alloc(measurementLayout.size);
  value.writeUInt32LE(owner, measurementLayout.ownerProcessId);
  value.writeBigUInt64LE((startTicks(owner) ?? 0n) * nanosecondsPerTick, measurementLayout.ownerStartTime);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const id = randomInt(1, 2 ** 32);
    if (libbpf.update(measurements, key(id), value, onlyNew) !== 0) continue;
    if (libbpf.update(measuring, key(owner), key(id), onlyNew) === 0) return id;
    libbpf.remove(measurements, key(id));
    throw new NetFlowError('FAILED', 'This process measures already: wait for that measurement to end.');
  }
  throw new NetFlowError('FAILED', 'There are too many measurements at once: wait for some of them to end.');
}

/** One that runs inside of another stays until that ends too: what it left behind still adds to both. */
function forget(libbpf: Libbpf, measurements: number, id: number): void {
  if (readMeasurement(libbpf, measurements, id).parent !== 0) return;
  for (const inner of nested(libbpf, measurements, id)) libbpf.remove(measurements, key(inner));
}

/** Measurements of processes that were killed stay behind until the next one. */
function forgetDead(libbpf: Libbpf, measurements: number, measuring: number): void {
  const isDead = (id: number): boolean => {
    const owner = readMeasurement(libbpf, measurements, id).owner;
    return owner !== identityOf(Number.parseInt(owner, 10));
  };
  for (const processId of keys(libbpf, measuring)) {
    if (isDead(measurementOf(libbpf, measuring, processId))) libbpf.remove(measuring, key(processId));
  }
  const ids = keys(libbpf, measurements);
  for (const id of ids) {
    const { parent } = readMeasurement(libbpf, measurements, id);
    if (isDead(id) && !ids.includes(parent)) libbpf.remove(measurements, key(id));
  }
}

/** A process as an owner is written down: its start time in steps of 10 ms, as /proc has it. */
function identityOf(processId: number): Identity {
  const value = Buffer.alloc(identityLayout.size);
  value.writeUInt32LE(processId, identityLayout.processId);
  value.writeBigUInt64LE((startTicks(processId) ?? 0n) * nanosecondsPerTick, identityLayout.startTime);
  return readIdentity(new DataView(value.buffer, value.byteOffset, value.length), 0);
}

/** Field 22 of /proc/PID/stat, which tells a process from a later one with the same id; null where there is none. */
function startTicks(processId: number): bigint | null {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    return BigInt(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  } catch {
    return null;
  }
}

async function readSums(libbpf: Libbpf, measurements: number, id: number, readProcesses: ReadProcesses) {
  for (let attempt = 1; ; attempt++) {
    const before = readMeasurement(libbpf, measurements, id);
    const inside = new Set(nested(libbpf, measurements, id));
    const living = (await readProcesses()).filter(({ measurement }) => inside.has(measurement));
    const after = readMeasurement(libbpf, measurements, id);
    if (before.ended !== after.ended && attempt < attempts) continue;
    return {
      uploadBytes: living.reduce((sum, { uploadBytes }) => sum + uploadBytes, before.uploadBytes),
      downloadBytes: living.reduce((sum, { downloadBytes }) => sum + downloadBytes, before.downloadBytes),
      processes: after.processes,
    };
  }
}

/** The measurement and all that run inside of it. */
function nested(libbpf: Libbpf, measurements: number, id: number): number[] {
  const parents = new Map(
    keys(libbpf, measurements).map((key) => [key, readMeasurement(libbpf, measurements, key).parent]),
  );
  const isInside = (child: number): boolean => {
    const seen = new Set<number>();
    for (let at: number | undefined = child; at && !seen.has(at); at = parents.get(at)) {
      if (at === id) return true;
      seen.add(at);
    }
    return false;
  };
  return [id, ...[...parents.keys()].filter(isInside)];
}

/** The number of the measurement that a process has open; 0 where it has none. */
function measurementOf(libbpf: Libbpf, measuring: number, processId: number): number {
  const id = Buffer.alloc(4);
  libbpf.lookup(measuring, key(processId), id);
  return id.readUInt32LE();
}

function readMeasurement(libbpf: Libbpf, measurements: number, id: number): MeasurementRecord {
  const value = Buffer.alloc(measurementLayout.size);
  libbpf.lookup(measurements, key(id), value);
  return decodeMeasurement(new DataView(value.buffer, value.byteOffset, value.length), 0);
}

function keys(libbpf: Libbpf, fd: number): number[] {
  const found: number[] = [];
  const next = Buffer.alloc(4);
  while (libbpf.nextKey(fd, found.length === 0 ? null : key(found.at(-1) ?? 0), next) === 0) {
    found.push(next.readUInt32LE());
  }
  return found;
}

function key(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
