import type {
  Description,
  Driver,
  ExecutablePaths,
  OpenMeasurement,
  PathRule,
  ProcessRecord,
  Reading,
  RuleLimits,
  RuleReading,
  StartOptions,
} from '../../core/driver/driver.js';
import { emptyProcess } from '../../core/driver/decode-process.js';
import { linuxPaths } from '../../core/driver/linux/executable-paths.js';
import { platforms } from '../../core/driver/open.js';
import { NetFlowError } from '../../core/errors.js';
import type { Connection, DriverStatus, PolicyRule } from '../../core/records.js';
import type { Clock } from '../../core/watch.js';

type Call = Exclude<keyof Driver, 'paths' | 'running' | 'isRunning'>;

/** A driver without a kernel: it says what a test has put into it, and keeps the rules that it is given. */
export class MemoryDriver implements Driver {
  readonly calls: Call[] = [];
  /** The driver's clock, in milliseconds since 1970. A test moves it. */
  time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  processes: ProcessRecord[] = [];
  connections: Connection[] = [];
  pathRules: PathRule[] = [];
  readonly processRules = new Map<number, RuleLimits>();
  machinePolicy: PolicyRule[] | null = null;
  isMachinePolicy = false;
  /** The sums of whatever is measured. */
  measured = { uploadBytes: 0, downloadBytes: 0, processes: 1 };
  openMeasurements = 0;
  /** The names of processes that run besides those of a reading, or what these call themselves. */
  readonly names = new Map<number, string[]>();
  readonly descriptions = new Map<number, Description>();
  readonly running = {
    ids: (): number[] => [...this.names.keys()],
    namesOf: (id: number): string[] => this.names.get(id) ?? [],
    describe: (id: number): Description => this.descriptions.get(id) ?? { commandLine: null, service: null },
  };
  warnings: string[] = [];
  doubts: string[] = [];
  /** Processes that may have sockets which no reading shows. */
  hiding: number[] = [];
  startedWith: StartOptions | undefined;
  #since: number | null = null;
  readonly #failures = new Map<Call, Error>();

  constructor(readonly paths: ExecutablePaths = linuxPaths) {}

  /** Has each later call of this method fail. */
  fail(call: Call, error: Error): void {
    this.#failures.set(call, error);
  }

  async status(): Promise<DriverStatus> {
    this.#note('status');
    return {
      ...{ driver: 'ebpf', version: '1.2.3', lostEvents: 4, unattributedBytes: 2048 },
      state: this.isRunning() ? 'running' : 'stopped',
      since: this.#since === null ? null : new Date(this.#since).toISOString(),
      requirements: [{ name: 'BTF', ok: false, detail: 'not here' }],
    };
  }

  async install(): Promise<void> {
    this.#note('install');
  }

  async uninstall(): Promise<void> {
    this.#note('uninstall');
    this.#since = null;
  }

  async start(options: StartOptions = {}): Promise<void> {
    this.#note('start');
    this.startedWith = options;
    this.#since ??= this.time;
    for (const warning of this.warnings) options.onWarning?.(warning);
  }

  async stop(): Promise<void> {
    this.#note('stop');
    this.#since = null;
  }

  isRunning(): boolean {
    return this.#since !== null;
  }

  async read({ exited }: { exited: boolean }): Promise<Reading> {
    this.#note('read');
    if (!this.isRunning()) throw new NetFlowError('DRIVER_NOT_RUNNING', 'The driver is not running.');
    const sum = (field: 'uploadBytes' | 'downloadBytes' | 'uploadSpeed' | 'downloadSpeed'): number =>
      this.processes.reduce((total, process) => total + process[field], 0);
    return {
      time: new Date(this.time),
      processes: this.processes.filter((process) => exited || !process.exited).map((process) => ({ ...process })),
      sockets: new Map(this.processes.map(({ identity, processId }) => [identity, this.#socketsOf(processId)])),
      statistics: {
        ...{ started: this.#since ?? 0, unattributedBytes: 2048, lostEvents: 4, exitedProcesses: 0 },
        ...{ processes: this.processes.length, processCapacity: 16_384 },
        ...{ uploadBytes: sum('uploadBytes'), downloadBytes: sum('downloadBytes') },
        ...{ uploadSpeed: sum('uploadSpeed'), downloadSpeed: sum('downloadSpeed') },
      },
    };
  }

  async readConnections(): Promise<Connection[]> {
    this.#note('readConnections');
    return [...this.connections];
  }

  async measure(): Promise<OpenMeasurement> {
    this.#note('measure');
    this.openMeasurements++;
    return {
      read: async () => ({ ...this.measured }),
      close: async () => {
        this.openMeasurements--;
      },
    };
  }

  async readRules(): Promise<RuleReading> {
    this.#note('readRules');
    const isOf = (rule: PathRule, { path, exited }: ProcessRecord): boolean =>
      !exited && path !== null && this.paths.key(path) === this.paths.key(rule.path);
    return {
      paths: this.pathRules.map((rule) => ({
        ...rule,
        processes: this.processes.filter((process) => isOf(rule, process)).length,
      })),
      processes: [...this.processRules].map(([processId, rule]) => ({ processId, ...rule })),
    };
  }

  async mayHideSockets(processIds: readonly number[]): Promise<number[]> {
    return processIds.filter((id) => this.hiding.includes(id));
  }

  async limitDoubts(): Promise<string[]> {
    this.#note('limitDoubts');
    return this.doubts;
  }

  async droppedPackets(): Promise<number> {
    this.#note('droppedPackets');
    return 3;
  }

  async editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void> {
    this.#note('editPathRules');
    this.pathRules = edit(this.pathRules);
  }

  async editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void> {
    this.#note('editProcessRule');
    if (!this.processes.some((process) => process.processId === processId && !process.exited)) {
      throw new NetFlowError('NOT_FOUND', `There is no process ${processId}.`);
    }
    const rule = edit(this.processRules.get(processId) ?? null);
    if (rule === null) this.processRules.delete(processId);
    else this.processRules.set(processId, rule);
  }

  async readMachinePolicy(): Promise<PolicyRule[] | null> {
    this.#note('readMachinePolicy');
    return this.machinePolicy;
  }

  async hasMachinePolicy(): Promise<boolean> {
    return this.isMachinePolicy;
  }

  async noteMachinePolicy(isMachines: boolean): Promise<void> {
    this.isMachinePolicy = isMachines;
  }

  #note(call: Call): void {
    this.calls.push(call);
    const error = this.#failures.get(call);
    if (error) throw error;
  }

  #socketsOf(processId: number): number {
    return this.connections.filter((connection) => connection.processId === processId).length;
  }
}

/** Has everything that opens a driver open this one, until `run` is done. */
export async function withDriver<Result>(driver: Driver, run: () => Promise<Result>): Promise<Result> {
  const before = { ...platforms };
  platforms[process.platform] = () => Promise.resolve(driver);
  try {
    return await run();
  } finally {
    Object.assign(platforms, before);
  }
}

/** A clock that stands still, but for what a test lets pass and for sleep, which takes no time outside. */
export class MemoryClock implements Clock {
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.pass(milliseconds);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** A process that has run for a minute, with nothing remarkable but what is given. */
export function processRecord(values: Partial<ProcessRecord> = {}): ProcessRecord {
  const processId = values.processId ?? 42;
  return {
    ...emptyProcess(),
    ...{ identity: `${processId}`, processId, startTime: Date.UTC(2026, 0, 2, 3, 3, 5), parentId: 1 },
    ...{ user: 'root', name: 'curl', path: '/usr/bin/curl' },
    ...values,
  };
}

/** An established connection of a process, with nothing remarkable but what is given. */
export function connectionRecord(values: Partial<Connection> = {}): Connection {
  return {
    ...{ protocol: 'tcp', localAddress: '127.0.0.1', localPort: 50_000, remoteAddress: '192.0.2.1', remotePort: 443 },
    ...{ state: 'established', processId: 42, processName: 'curl' },
    ...{ uploadBytes: 0, downloadBytes: 0, uploadSpeed: 0, downloadSpeed: 0 },
    ...values,
  };
}
