import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { NetFlowError } from '../../errors.js';
import type { Connection, DriverStatus } from '../../records.js';
import { packageVersion } from '../../root.js';
import type { Driver, MeasurementSession, Reading, StartOptions } from '../driver.js';
import { bpffs, lockFile, mountedMarker, objectFile, pinDirectory, runDirectory } from './paths.js';
import { isRunning, leftovers, removePins, transientDirectory } from './pins.js';
import { read, readConnections, readDriverStatistics } from './reading.js';
import type { Libc } from './libc.js';

/** The driver of Linux. What needs libbpf is loaded when it is needed: reading is only files. */
export class EbpfDriver implements Driver {
  async status(): Promise<DriverStatus> {
    const { assertAdministrator, checkRequirements } = await import('./requirements.js');
    assertAdministrator(); // others can't see whether it runs
    const statistics = isRunning() ? readDriverStatistics() : null;
    return {
      driver: 'ebpf',
      state: statistics ? 'running' : existsSync(objectFile()) ? 'stopped' : 'not installed',
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
      if (isRunning()) {
        assertCapacity(options);
        return;
      }
      if (!isBpffs(bpffs)) {
        writeFileSync(mountedMarker, '');
        libc.mountBpffs(bpffs);
      }
      const { loadDriver } = await import('./loader.js');
      loadDriver(libc, options);
    });
  }

  async stop(): Promise<void> {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    await alone(stopAlone);
  }

  async install(): Promise<void> {
    const { assertRequirements } = await import('./requirements.js');
    assertRequirements();
    const { installBootUnit } = await import('./boot-unit.js');
    installBootUnit();
    await this.start();
  }

  async uninstall(): Promise<void> {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    const { removeBootUnit } = await import('./boot-unit.js');
    removeBootUnit();
    await alone(async (libc) => {
      await stopAlone(libc);
      rmSync(runDirectory, { recursive: true, force: true });
    });
  }

  async read(what: { exited: boolean }): Promise<Reading> {
    return read(what);
  }

  async readConnections(): Promise<Connection[]> {
    return readConnections();
  }

  async measure(owner = process.pid): Promise<MeasurementSession> {
    const { openMeasurement } = await import('./measurement.js');
    return openMeasurement(owner, async () => (await read({ exited: false })).processes);
  }
}

function assertCapacity({ maxProcesses }: StartOptions): void {
  const capacity = readDriverStatistics().processCapacity;
  if (maxProcesses === undefined || maxProcesses === capacity) return;
  throw new NetFlowError(
    'FAILED',
    `The driver runs with room for ${capacity} processes, which can't change while it does: run \`netflow driver stop\` first.`,
  );
}

async function stopAlone(libc: Libc): Promise<void> {
  const { programIds, waitUntilFreed } = await import('./release.js');
  const programs = programIds();
  if (isRunning()) renameSync(pinDirectory, transientDirectory('stopping'));
  removeLeftovers();
  await waitUntilFreed(programs);
  unmountOwn(libc);
}

/** Takes back a bpffs that NetFlow mounted, unless others have pinned something there since. */
function unmountOwn(libc: Libc): void {
  if (!existsSync(mountedMarker)) return;
  const own = new Set(['maps.debug', 'progs.debug']); // the kernel's
  if (readdirSync(bpffs).some((name) => !own.has(name))) return;
  libc.unmount(bpffs);
  rmSync(mountedMarker);
}

function removeLeftovers(): void {
  for (const folder of leftovers()) removePins(folder);
}

/** Runs with the lock held, so that two starts, or a start and a stop, come one after the other. */
async function alone(work: (libc: Libc) => Promise<void>): Promise<void> {
  const { loadLibc } = await import('./libc.js');
  const libc = loadLibc();
  const lock = await takeLock(libc);
  try {
    await work(libc);
  } finally {
    closeSync(lock);
  }
}

/** The lock is on the file that is there: an uninstall may have taken away the one that was waited for. */
async function takeLock(libc: Libc): Promise<number> {
  for (;;) {
    mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
    const lock = openSync(lockFile, 'w', 0o600);
    await libc.lock(lock);
    if (statSync(lockFile, { throwIfNoEntry: false })?.ino === fstatSync(lock).ino) return lock;
    closeSync(lock);
  }
}
