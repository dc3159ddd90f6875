import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Connection, DriverStatus } from '../../records.js';
import { packageVersion } from '../../root.js';
import type { Driver, MeasurementSession, ProcessRecord, Reading, StartOptions } from '../driver.js';
import { bpffs, lockFile, mountedMarker, objectFile, pinDirectory, runDirectory } from './paths.js';
import { isRunning, leftovers, removePins } from './pins.js';
import { read, readConnections } from './reading.js';

/** The driver of Linux. What needs libbpf is loaded when it is needed: reading is only files. */
export class EbpfDriver implements Driver {
  async status(): Promise<DriverStatus> {
    const { assertAdministrator, checkRequirements } = await import('./requirements.js');
    assertAdministrator(); // others can't see whether it runs
    const statistics = isRunning() ? (await read({ exited: false })).statistics : null;
    return {
      driver: 'ebpf',
      state: isRunning() ? 'running' : existsSync(objectFile()) ? 'stopped' : 'not installed',
      version: packageVersion(),
      since: statistics ? new Date(statistics.started).toISOString() : null,
      lostEvents: statistics?.lostEvents ?? 0,
      unattributedBytes: statistics?.unattributedBytes ?? 0,
      requirements: checkRequirements(),
    };
  }

  isRunning(): boolean {
    return isRunning();
  }

  async start(options: StartOptions = {}): Promise<void> {
    const { assertRequirements, isBpffs } = await import('./requirements.js');
    assertRequirements();
    await alone(async (libc) => {
      removeLeftovers();
      if (isRunning()) return;
      if (!isBpffs(bpffs)) {
        libc.mountBpffs(bpffs);
        writeFileSync(mountedMarker, '');
      }
      const { loadDriver } = await import('./loader.js');
      loadDriver(libc, options);
    });
  }

  async stop(): Promise<void> {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    await alone(async (libc) => {
      const { programIds, waitUntilFreed } = await import('./release.js');
      const programs = programIds();
      if (isRunning()) renameSync(pinDirectory, `${pinDirectory}-stopping-${process.pid}`);
      removeLeftovers();
      await waitUntilFreed(programs);
      if (existsSync(mountedMarker) && libc.unmount(bpffs)) rmSync(mountedMarker);
    });
  }

  async install(): Promise<void> {
    const { assertRequirements } = await import('./requirements.js');
    assertRequirements();
    const { installBootUnit } = await import('./boot-unit.js');
    installBootUnit();
    await this.start();
  }

  async uninstall(): Promise<void> {
    await this.stop();
    const { removeBootUnit } = await import('./boot-unit.js');
    removeBootUnit();
    rmSync(runDirectory, { recursive: true, force: true });
  }

  async read(what: { exited: boolean }): Promise<Reading> {
    return read(what);
  }

  async readConnections(): Promise<Connection[]> {
    return readConnections();
  }

  async measure(): Promise<MeasurementSession> {
    const { openMeasurement } = await import('./measurement.js');
    return openMeasurement(async (): Promise<ProcessRecord[]> => (await read({ exited: false })).processes);
  }
}

function removeLeftovers(): void {
  for (const folder of leftovers()) removePins(folder);
}

/** Runs with the lock held, so that two starts, or a start and a stop, come one after the other. */
async function alone(work: (libc: Awaited<ReturnType<typeof loadLibc>>) => Promise<void>): Promise<void> {
  const libc = await loadLibc();
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  const lock = openSync(lockFile, 'w', 0o600);
  try {
    await libc.lock(lock);
    await work(libc);
  } finally {
    closeSync(lock);
  }
}

async function loadLibc() {
  const { loadLibc: load } = await import('./libc.js');
  return load();
}
