import type { StatisticsRecord } from './driver.js';
import { readIdentity, readTime, readUint64, type Identity } from './record-values.js';
import { malformed } from './malformed.js';
import { driverKind, handshakeLayout, measurementLayout, protocol, statisticsLayout } from './protocol.generated.js';

/** struct netflow_statistics, decoded, with all of its fields. */
export type DriverStatistics = StatisticsRecord & {
  /** When the driver answered, in milliseconds since 1970. */
  time: number;
  /** When the driver started, in milliseconds since 1970. */
  started: number;
  /** The zero of the driver's clock as it was known when the driver started, in milliseconds since 1970. */
  epoch: number;
  /** Packets for which there was no room to wait for their limit; on Linux without those that a queue dropped. */
  droppedPackets: number;
};

/** struct netflow_measurement, decoded. */
export interface MeasurementRecord {
  owner: Identity;
  /** The number of the measurement that this one runs inside, or 0. */
  parent: number;
  uploadBytes: number;
  downloadBytes: number;
  processes: number;
  /** How many images have been added to the sums: a reader that sees it change reads again. */
  ended: number;
}

/** Decodes the struct netflow_statistics at `offset`; the caller has checked that it is there. */
export function decodeStatistics(view: DataView, offset: number, bootTime: number): DriverStatistics {
  return {
    time: readTime(view, offset + statisticsLayout.time, bootTime),
    started: readTime(view, offset + statisticsLayout.started, bootTime),
    epoch: readUint64(view, offset + statisticsLayout.epoch) / 1e6,
    uploadBytes: readUint64(view, offset + statisticsLayout.uploadBytes),
    downloadBytes: readUint64(view, offset + statisticsLayout.downloadBytes),
    uploadSpeed: readUint64(view, offset + statisticsLayout.uploadSpeed),
    downloadSpeed: readUint64(view, offset + statisticsLayout.downloadSpeed),
    unattributedBytes: readUint64(view, offset + statisticsLayout.unattributedBytes),
    lostEvents: readUint64(view, offset + statisticsLayout.lostEvents),
    exitedProcesses: readUint64(view, offset + statisticsLayout.exitedProcesses),
    droppedPackets: readUint64(view, offset + statisticsLayout.droppedPackets),
    processes: view.getUint32(offset + statisticsLayout.processes, true),
    processCapacity: view.getUint32(offset + statisticsLayout.processCapacity, true),
  };
}

/** struct netflow_handshake, decoded. */
export interface Handshake {
  driver: 'wfp' | 'tdi';
  version: string;
}

/** Decodes the struct netflow_handshake at `offset`; the caller has checked that it is there. */
export function decodeHandshake(reply: Buffer, view: DataView, offset: number): Handshake {
  const kind = view.getUint32(offset + handshakeLayout.driver, true);
  if (kind !== driverKind.wfp && kind !== driverKind.tdi) throw malformed(offset, `its driver is ${kind}`);
  const version = offset + handshakeLayout.driverVersion;
  return {
    driver: kind === driverKind.wfp ? 'wfp' : 'tdi',
    version: reply.toString('latin1', version, version + protocol.nameBytes).replace(/\0.*$/su, ''),
  };
}

/** Decodes the struct netflow_measurement at `offset`; the caller has checked that it is there. */
export function decodeMeasurement(view: DataView, offset: number): MeasurementRecord {
  return {
    owner: readIdentity(view, offset + measurementLayout.ownerProcessId),
    parent: view.getUint32(offset + measurementLayout.parent, true),
    uploadBytes: readUint64(view, offset + measurementLayout.uploadBytes),
    downloadBytes: readUint64(view, offset + measurementLayout.downloadBytes),
    processes: readUint64(view, offset + measurementLayout.processes),
    ended: readUint64(view, offset + measurementLayout.ended),
  };
}
