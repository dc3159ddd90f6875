import { randomInt } from 'node:crypto';
import { NetFlowError } from '../../errors.js';
import { decodeMeasurement, type MeasurementRecord } from '../decode-sums.js';
import { readIdentity } from '../record-values.js';
import { identityLayout, measurementLayout } from '../protocol.generated.js';
import type { Identity, OpenMeasurement, ProcessRecord } from '../driver.js';
import { encodeNumber, PinnedMap } from './pinned-map.js';
import { readProcessStat } from './process-stat.js';

/** How often a reading is taken again because a process ended in the middle of it. */
const attempts = 20;

/** /proc counts in ticks of USER_HZ, which is 100 on every machine. */
const nanosecondsPerTick = 10_000_000n;

type ReadProcesses = () => Promise<ProcessRecord[]>;

/** The measurements by their numbers, and which process has which one open. */
class MeasurementMaps implements Disposable {
  readonly measurements = new PinnedMap('measurements', { key: 4, value: measurementLayout.size });
  readonly measuring = new PinnedMap('measuring', { key: 4, value: 4 });

  read(id: number): MeasurementRecord {
    const value = this.measurements.get(encodeNumber(id)) ?? Buffer.alloc(measurementLayout.size);
    return decodeMeasurement(new DataView(value.buffer, value.byteOffset, value.length), 0);
  }

  ids(): number[] {
    return this.measurements.keys().map((key) => key.readUInt32LE());
  }

  /** The number of the measurement that a process has open; 0 where it has none. */
  openedBy(processId: number): number {
    return this.measuring.get(encodeNumber(processId))?.readUInt32LE() ?? 0;
  }

  [Symbol.dispose](): void {
    this.measurements[Symbol.dispose]();
    this.measuring[Symbol.dispose]();
  }
}

/** Opens a measurement of the processes that the owner starts from now on. */
export function openMeasurement(owner: number, readProcesses: ReadProcesses): OpenMeasurement {
  const maps = new MeasurementMaps();
  try {
    const id = register(maps, owner);
    return {
      read: () => readSums(maps, id, readProcesses),
      close: async () => {
        if (maps.openedBy(owner) === id) maps.measuring.delete(encodeNumber(owner));
        forget(maps, id);
        maps[Symbol.dispose]();
      },
    };
  } catch (error) {
    maps[Symbol.dispose]();
    throw error;
  }
}

/** Enters the measurement under a number that is free. */
function register(maps: MeasurementMaps, owner: number): number {
  forgetDead(maps);
  if (owner !== process.pid) maps.measuring.delete(encodeNumber(owner)); // of somebody who was killed while measuring
  const value = Buffer.alloc(measurementLayout.size);
  value.writeUInt32LE(owner, measurementLayout.ownerProcessId);
  value.writeBigUInt64LE(startTime(owner), measurementLayout.ownerStartTime);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const id = randomInt(1, 2 ** 32);
    if (!maps.measurements.add(encodeNumber(id), value)) continue;
    if (maps.measuring.add(encodeNumber(owner), encodeNumber(id))) return id;
    maps.measurements.delete(encodeNumber(id));
    throw new NetFlowError('FAILED', 'This process measures already: wait for that measurement to end.');
  }
  throw new NetFlowError('FAILED', 'There are too many measurements at once: wait for some of them to end.');
}

/** One that runs inside of another stays until that ends too: what it left behind still adds to both. */
function forget(maps: MeasurementMaps, id: number): void {
  if (maps.read(id).parent !== 0) return;
  for (const inner of nested(maps, id)) maps.measurements.delete(encodeNumber(inner));
}

/** Measurements of processes that were killed stay behind until the next one. */
function forgetDead(maps: MeasurementMaps): void {
  const isDead = (id: number): boolean => {
    const { owner } = maps.read(id);
    return owner !== identityOf(Number.parseInt(owner, 10));
  };
  for (const key of maps.measuring.keys()) {
    if (isDead(maps.openedBy(key.readUInt32LE()))) maps.measuring.delete(key);
  }
  const ids = maps.ids();
  for (const id of ids) {
    if (isDead(id) && !ids.includes(maps.read(id).parent)) maps.measurements.delete(encodeNumber(id));
  }
}

/** A process as an owner is written down. */
function identityOf(processId: number): Identity {
  const value = Buffer.alloc(identityLayout.size);
  value.writeUInt32LE(processId, identityLayout.processId);
  value.writeBigUInt64LE(startTime(processId), identityLayout.startTime);
  return readIdentity(new DataView(value.buffer, value.byteOffset, value.length), 0);
}

/** In steps of 10 ms, as /proc has it; 0 where there is no such process. */
function startTime(processId: number): bigint {
  return (readProcessStat(processId)?.startTicks ?? 0n) * nanosecondsPerTick;
}

async function readSums(maps: MeasurementMaps, id: number, readProcesses: ReadProcesses) {
  for (let attempt = 1; ; attempt++) {
    const before = maps.read(id);
    const inside = new Set(nested(maps, id));
    const living = (await readProcesses()).filter(({ measurement }) => inside.has(measurement));
    const after = maps.read(id);
    if (before.ended !== after.ended && attempt < attempts) continue;
    return {
      uploadBytes: living.reduce((sum, { uploadBytes }) => sum + uploadBytes, before.uploadBytes),
      downloadBytes: living.reduce((sum, { downloadBytes }) => sum + downloadBytes, before.downloadBytes),
      processes: after.processes,
    };
  }
}

/** The measurement and all that run inside of it. */
function nested(maps: MeasurementMaps, id: number): number[] {
  const parents = new Map(maps.ids().map((each) => [each, maps.read(each).parent]));
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
