import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import type { Connection, DriverStatus, Limit, PolicyRule } from '../../records.js';
import { packageVersion } from '../../root.js';
import type {
  Driver,
  OpenMeasurement,
  OpenOptions,
  PathRule,
  Reading,
  RuleLimits,
  RuleReading,
  StartOptions,
} from '../driver.js';
import { checkNode } from '../requirements.js';
import { linuxPaths } from './executable-paths.js';
import { alone, type Patience } from './lock.js';
import { mountOn } from './mounts.js';
import { bpffs, objectFile, ownMount, pinDirectory, runDirectory, stateDirectory } from './paths.js';
import { isRunning, removeLeftovers, transientDirectory } from './pins.js';
import { read, readConnections, readDriverStatistics } from './reading.js';
import { linuxRunning } from './running.js';
import type { Libc } from './libc.js';

/** The driver of Linux. What needs libbpf is loaded when it is needed: reading is only files. */
export class EbpfDriver implements Driver {
  readonly paths = linuxPaths;
  readonly running = linuxRunning;
  /** Nobody has the driver's lock for as long as this, unless something is wrong. */
  readonly #patience: Patience;

  constructor({ onProgress = () => undefined }: OpenOptions = {}) {
    this.#patience = { seconds: 12, onWait: onProgress };
  }

  async status(): Promise<DriverStatus> {
    const { assertAdministrator, checkLimitRequirements, checkRequirements } = await import('./requirements.js');
    assertAdministrator(); // others can't see whether it runs
    const { describeLimits } = await import('./limits/describe.js');
    const statistics = isRunning() ? readDriverStatistics() : null;
    const checkedNamespaces = statistics ? (await this.#limits()).checkNamespaces() : [];
    return {
      driver: 'ebpf',
      state: statistics ? 'running' : existsSync(objectFile()) ? 'stopped' : 'not installed',
      version: packageVersion(),
      since: statistics ? new Date(statistics.started).toISOString() : null,
      lostEvents: statistics?.lostEvents ?? 0,
      unattributedBytes: statistics?.unattributedBytes ?? 0,
      requirements: [
        ...checkRequirements(),
        ...checkLimitRequirements(),
        ...(statistics ? describeLimits() : []),
        ...checkedNamespaces,
        checkNode(),
      ],
    };
  }

  isRunning(): boolean {
    return isRunning();
  }

  async start(options: StartOptions = {}): Promise<void> {
    const { assertRequirements } = await import('./requirements.js');
    assertRequirements();
    await this.#alone(async (libc) => {
      removeLeftovers();
      if (isRunning()) {
        assertCapacity(options);
        await holdLimits(libc, options);
        return;
      }
      const { assertNoOther } = await import('./other-driver.js');
      await assertNoOther();
      if (mountOn(bpffs)?.type !== 'bpf') libc.mountBpffs(bpffs);
      const { loadDriver } = await import('./loader.js');
      loadDriver(libc, options);
      await holdLimits(libc, options);
    });
  }

  async stop(): Promise<void> {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    await this.#alone(stopAlone);
    await agentEnds();
  }

  async install(options: StartOptions = {}): Promise<void> {
    const { assertRequirements } = await import('./requirements.js');
    assertRequirements();
    const { installBootUnit, unsafeParts } = await import('./boot-unit.js');
    installBootUnit();
    for (const problem of unsafeParts()) options.onWarning?.(problem);
    await this.start(options);
  }

  async uninstall(): Promise<void> {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    const { removeBootUnit } = await import('./boot-unit.js');
    removeBootUnit();
    await this.#alone(stopAlone);
    await agentEnds();
    await this.#alone(() => {
      rmSync(stateDirectory, { recursive: true, force: true });
      rmSync(runDirectory, { recursive: true, force: true });
    });
  }

  async read(what: { exited: boolean }): Promise<Reading> {
    return read(what);
  }

  async readConnections(): Promise<Connection[]> {
    return readConnections();
  }

  async mayHideSockets(processIds: readonly number[]): Promise<number[]> {
    const { withRings } = await import('./rings.js');
    return withRings(processIds);
  }

  async measure(owner = process.pid): Promise<OpenMeasurement> {
    const { openMeasurement } = await import('./measurement.js');
    return openMeasurement(owner, async () => (await read({ exited: false })).processes);
  }

  async readRules(options = { hasLooked: false }): Promise<RuleReading> {
    const { readRules } = await this.#limits();
    return readRules(options);
  }

  async limitDoubts(limit: Limit): Promise<string[]> {
    const { limitDoubts } = await import('./limits/describe.js');
    return limitDoubts(limit);
  }

  async droppedPackets(): Promise<number> {
    const { droppedPackets } = await this.#limits();
    return droppedPackets();
  }

  async editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void> {
    const { editPathRules } = await this.#limits();
    await this.#alone((libc) => editPathRules(libc, edit));
  }

  async editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void> {
    const { editProcessRule } = await this.#limits();
    await this.#alone((libc) => editProcessRule(libc, processId, edit));
  }

  async readMachinePolicy(): Promise<PolicyRule[] | null> {
    return (await this.#policyFolder()).readPolicyFolder();
  }

  async hasMachinePolicy(): Promise<boolean> {
    return (await this.#policyFolder()).hasMachinePolicy();
  }

  async noteMachinePolicy(isMachines: boolean): Promise<void> {
    (await this.#policyFolder()).noteMachinePolicy(isMachines);
  }

  async #policyFolder() {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    return import('./policy-folder.js');
  }

  #alone<Result>(work: (libc: Libc) => Result | Promise<Result>): Promise<Result> {
    return alone(work, this.#patience);
  }

  async #limits() {
    const { assertAdministrator } = await import('./requirements.js');
    assertAdministrator();
    return import('./limits/limits.js');
  }
}

/** Counting does not depend on it. */
async function holdLimits(libc: Libc, { onWarning }: StartOptions): Promise<void> {
  const { startLimits } = await import('./limits/limits.js');
  await startLimits(libc).catch((error: unknown) =>
    onWarning?.(`The driver counts, but holds no limits: ${(error as Error).message}`),
  );
}

function assertCapacity({ maxProcesses }: StartOptions): void {
  const capacity = readDriverStatistics().processCapacity;
  if (maxProcesses === undefined || maxProcesses === capacity) return;
  throw new NetFlowError(
    'FAILED',
    `The driver runs with room for ${capacity} processes, which can't change while it does: stop it first.`,
  );
}

/** Without the lock, which the agent may be waiting for. */
async function agentEnds(): Promise<void> {
  const [{ waitForAgent }, { loadLibc }] = await Promise.all([import('./limits/agent.js'), import('./libc.js')]);
  await waitForAgent(loadLibc());
}

async function stopAlone(libc: Libc): Promise<void> {
  const { programIds, waitUntilFreed } = await import('./release.js');
  const programs = programIds();
  const { stopLimits } = await import('./limits/limits.js');
  await stopLimits(libc);
  if (isRunning()) renameSync(pinDirectory, transientDirectory('stopping'));
  removeLeftovers();
  await waitUntilFreed(programs);
  unmountOwn(libc);
}

/** Takes back a bpffs that NetFlow mounted, unless others have pinned something there since. */
function unmountOwn(libc: Libc): void {
  if (mountOn(bpffs)?.source !== ownMount) return;
  const own = new Set(['maps.debug', 'progs.debug']); // the kernel's
  if (readdirSync(bpffs).some((name) => !own.has(name))) return;
  libc.unmount(bpffs);
}
