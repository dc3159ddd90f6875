import { randomInt } from 'node:crypto';
import { closeSync, readFileSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { measurementLayout } from '../protocol.generated.js';
import type { MeasurementSession, ProcessRecord } from '../driver.js';
import { failWith, loadLibbpf, type Libbpf } from './libbpf.js';
import { mapPath, programPath } from './paths.js';

/** How often a reading is taken again because a process ended in the middle of it. */
const attempts = 20;

type ReadProcesses = () => Promise<ProcessRecord[]>;

/**
 * Opens a measurement of the processes that this one starts from now on. The fork hook that marks them is held by this
 * process alone, so a kill takes it along.
 */
export function openMeasurement(readProcesses: ReadProcesses): MeasurementSession {
  const libbpf = loadLibbpf();
  const fds: number[] = [];
  const open = (path: string): number => {
    const fd = libbpf.open(path);
    if (fd < 0) failWith(libbpf, `${path} can't be opened`);
    fds.push(fd);
    return fd;
  };
  const close = (): void => {
    for (const fd of fds.splice(0).reverse()) closeSync(fd);
  };
  try {
    const measurements = open(mapPath('measurements'));
    const measuring = open(mapPath('measuring'));
    const id = register(libbpf, measurements, measuring);
    const hook = libbpf.attachTracepoint(null, open(programPath('netflow_fork')));
    if (hook < 0) failWith(libbpf, "The fork hook can't be attached");
    fds.push(hook);
    return {
      read: () => readSums(libbpf, measurements, id, readProcesses),
      close: async () => {
        libbpf.remove(measuring, key(process.pid));
        libbpf.remove(measurements, key(id));
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Enters the measurement under a number that is free. */
function register(libbpf: Libbpf, measurements: number, measuring: number): number {
  forgetDead(libbpf, measurements, measuring);
  const onlyNew = 1;
  const value = Buffer.alloc(measurementLayout.size);
  value.writeUInt32LE(process.pid, measurementLayout.ownerProcessId);
  value.writeBigUInt64LE(startTicks(process.pid) ?? 0n, measurementLayout.ownerStartTime);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const id = randomInt(1, 2 ** 32);
    if (libbpf.update(measurements, key(id), value, onlyNew) !== 0) continue;
    if (libbpf.update(measuring, key(process.pid), key(id), onlyNew) === 0) return id;
    libbpf.remove(measurements, key(id));
    throw new NetFlowError('FAILED', 'This process measures already: wait for that measurement to end.');
  }
  throw new NetFlowError('FAILED', 'There are too many measurements at once: wait for some of them to end.');
}

/** Measurements of processes that were killed stay behind until the next one. */
function forgetDead(libbpf: Libbpf, measurements: number, measuring: number): void {
  for (const processId of keys(libbpf, measuring)) {
    const id = Buffer.alloc(4);
    const value = Buffer.alloc(measurementLayout.size);
    libbpf.lookup(measuring, key(processId), id);
    libbpf.lookup(measurements, id, value);
    if (startTicks(processId) === value.readBigUInt64LE(measurementLayout.ownerStartTime)) continue;
    libbpf.remove(measuring, key(processId));
    libbpf.remove(measurements, id);
  }
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

function readMeasurement(libbpf: Libbpf, measurements: number, id: number) {
  const value = Buffer.alloc(measurementLayout.size);
  libbpf.lookup(measurements, key(id), value);
  return {
    uploadBytes: Number(value.readBigUInt64LE(measurementLayout.uploadBytes)),
    downloadBytes: Number(value.readBigUInt64LE(measurementLayout.downloadBytes)),
    processes: Number(value.readBigUInt64LE(measurementLayout.processes)),
    ended: Number(value.readBigUInt64LE(measurementLayout.ended)),
    parent: value.readUInt32LE(measurementLayout.parent),
  };
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
