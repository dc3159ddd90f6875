import { NetFlowError } from '../../errors.js';
import type { Connection, DriverStatus, PolicyRule } from '../../records.js';
import { packageVersion } from '../../root.js';
import type { Driver, OpenMeasurement, PathRule, Reading, RuleLimits, RuleReading, StartOptions } from '../driver.js';
import { checkNode } from '../requirements.js';
import { Device } from './device.js';
import { windowsPaths } from './executable-paths.js';
import { alone } from './lock.js';
import { read, readConnections, readHandshake, readStatistics } from './reading.js';
import { assertAdministrator, assertRequirements, checkFilteringEngine, checkRequirements } from './requirements.js';
import { editPathRules, editProcessRule, readRules } from './rules.js';
import { windowsRunning } from './running.js';
import { service, startType } from './service.js';

/** The driver of Windows, reached through its device; the service manager loads it. */
export class WfpDriver implements Driver {
  readonly paths = windowsPaths;
  readonly running = windowsRunning;

  async status(): Promise<DriverStatus> {
    assertAdministrator(); // others can't see whether it runs
    using device = Device.openIfThere();
    const running = device && { ...readHandshake(device), ...readStatistics(device) };
    return {
      driver: running?.driver ?? 'wfp',
      state: running ? 'running' : service.state() === null ? 'not installed' : 'stopped',
      version: running?.version ?? packageVersion(),
      since: running ? new Date(running.started).toISOString() : null,
      lostEvents: running?.lostEvents ?? 0,
      unattributedBytes: running?.unattributedBytes ?? 0,
      requirements: [...checkRequirements(), checkFilteringEngine(), checkNode()],
    };
  }

  isRunning(): boolean {
    return Device.isThere();
  }

  async start({ maxProcesses }: StartOptions = {}): Promise<void> {
    assertRequirements();
    if (maxProcesses !== undefined) {
      throw new NetFlowError('INVALID_ARGUMENT', "The room for processes can't be chosen on Windows: leave it out.");
    }
    const { loadDriver } = await import('./loader.js');
    await alone(() => {
      if (!Device.isThere()) loadDriver(startType.onDemand);
    });
  }

  async stop(): Promise<void> {
    assertAdministrator();
    const { unloadDriver } = await import('./loader.js');
    await alone(unloadDriver);
  }

  async install(): Promise<void> {
    assertRequirements();
    const { loadDriver } = await import('./loader.js');
    await alone(() => loadDriver(startType.withSystem));
  }

  async uninstall(): Promise<void> {
    assertAdministrator();
    const { removeDriver } = await import('./loader.js');
    await alone(removeDriver);
  }

  async read(what: { exited: boolean }): Promise<Reading> {
    using device = Device.open();
    return read(device, what);
  }

  async readConnections(): Promise<Connection[]> {
    using device = Device.open();
    return readConnections(device);
  }

  async measure(owner = process.pid): Promise<OpenMeasurement> {
    const { openMeasurement } = await import('./measurement.js');
    return openMeasurement(owner, async () => (await this.read({ exited: true })).processes);
  }

  async readRules(): Promise<RuleReading> {
    assertAdministrator();
    return readRules();
  }

  async mayHideSockets(): Promise<number[]> {
    return [];
  }

  async limitDoubts(): Promise<string[]> {
    return [];
  }

  async droppedPackets(): Promise<number> {
    using device = Device.openIfThere();
    return device ? readStatistics(device).droppedPackets : 0;
  }

  async editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void> {
    assertAdministrator();
    await alone(() => editPathRules(edit));
  }

  async editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void> {
    assertAdministrator();
    await alone(() => editProcessRule(processId, edit));
  }

  async readMachinePolicy(): Promise<PolicyRule[] | null> {
    assertAdministrator();
    const { readRegistryPolicy } = await import('./registry-policy.js');
    return readRegistryPolicy();
  }

  async hasMachinePolicy(): Promise<boolean> {
    assertAdministrator();
    const { hasMachinePolicy } = await import('./registry-policy.js');
    return hasMachinePolicy();
  }

  async noteMachinePolicy(isMachines: boolean): Promise<void> {
    assertAdministrator();
    const { noteMachinePolicy } = await import('./registry-policy.js');
    noteMachinePolicy(isMachines);
  }
}
