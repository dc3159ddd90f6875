import type { ConnectionFilter } from './connections.js';
import type { Driver, StartOptions } from './driver/driver.js';
import { openDriver } from './driver/open.js';
import { checkFilter, select, compareTraffic, type Naming, type ProcessFilter, type WatchOptions } from './filter.js';
import { connectionFields, processFields } from './fields.js';
import type { LimitCalls, LimitChange, LimitTarget } from './limits.js';
import type { MeasureOptions, ProcessMeasurement } from './measure.js';
import type {
  Connection,
  DriverStatus,
  Limit,
  Measurement,
  PolicyDifference,
  PolicyRule,
  ProcessTraffic,
  TrafficSnapshot,
} from './records.js';
import { namesIn, toSnapshot } from './traffic.js';
import { checkWatch, ticks } from './watch.js';

export interface OpenOptions {
  /** Called with a short status message when a slow step begins. */
  onProgress?: (message: string) => void;
  /** Called with a sentence about a problem that stops nothing. */
  onWarning?: (message: string) => void;
}

/**
 * Shows what every process sends and receives, and limits it. Methods that read start the driver if it is not running.
 * All methods throw NetFlowError: NOT_PERMITTED for anyone but an administrator, DRIVER_UNAVAILABLE where the driver
 * can't run.
 */
export class NetFlow implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #onProgress: (message: string) => void;
  readonly #onWarning: (message: string) => void;

  private constructor(driver: Driver, { onProgress = () => undefined, onWarning = () => undefined }: OpenOptions) {
    this.#driver = driver;
    this.#onProgress = onProgress;
    this.#onWarning = onWarning;
  }

  /** Throws DRIVER_UNAVAILABLE on a platform that NetFlow has no driver for. */
  static async open(options: OpenOptions = {}): Promise<NetFlow> {
    return new NetFlow(await openDriver(options), options);
  }

  /** Returns one snapshot of every process with sockets or traffic. */
  async list(filter: ProcessFilter = {}): Promise<ProcessTraffic[]> {
    return (await this.snapshot(filter)).processes;
  }

  /** Returns a snapshot with the time and the machine's totals, which no filter narrows. */
  async snapshot(filter: ProcessFilter = {}): Promise<TrafficSnapshot> {
    checkFilter(filter, processFields);
    await this.#beginReading();
    return (await this.#read(filter)).snapshot;
  }

  /**
   * Yields a snapshot now and one every interval, until `count`, the signal, or the end of the loop over it. Throws
   * DRIVER_NOT_RUNNING once the driver has been stopped: only the beginning starts it.
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<TrafficSnapshot, void> {
    checkWatch(options);
    checkFilter(options, processFields);
    await this.#beginReading();
    let before: number | undefined;
    for await (const _ of ticks(options)) {
      const { snapshot, started } = await this.#read(options);
      if (before !== undefined && started !== before)
        this.#onWarning('The driver was started anew: all counts began at 0.');
      before = started;
      yield snapshot;
    }
  }

  async #read(filter: ProcessFilter): Promise<{ snapshot: TrafficSnapshot; started: number }> {
    const reading = await this.#driver.read({ exited: filter.exited ?? false });
    const snapshot = toSnapshot(reading);
    const selected = select(snapshot.processes, filter, this.#naming(namesIn));
    const ordersThem = filter.sort === 'commandLine' || filter.sort === 'service';
    if (ordersThem) this.#describe(selected);
    const processes = selected.toSorted(compareTraffic(filter.sort)).slice(0, filter.top);
    if (!ordersThem && !filter.brief) this.#describe(processes);
    return { snapshot: { ...snapshot, processes }, started: reading.statistics.started };
  }

  /** Only of those that are wanted, since the system is asked for each by itself. */
  #describe(rows: readonly ProcessTraffic[]): void {
    for (const row of rows) if (!row.exited) Object.assign(row, this.#driver.running.describe(row.processId));
  }

  /** Returns every TCP and UDP socket that is bound, listening or connected, once for each process that has it open. */
  async connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
    checkFilter(filter, connectionFields);
    const { connectionSelector } = await import('./connections.js');
    const narrow = connectionSelector(filter);
    await this.#beginReading();
    const connections = await this.#driver.readConnections();
    const rows = select(
      connections,
      filter,
      this.#naming(({ processName }) => [processName]),
    );
    if (filter.pids || filter.names) await this.#warnOfHidden([...(filter.pids ?? []), ...rows.map(processIdOf)]);
    return narrow(rows);
  }

  /** A row has the names that it had when it was read, and while it runs those that it has now. */
  #naming<Row extends { processId: number; exited?: boolean }>(namesIn: (row: Row) => string[]): Naming<Row> {
    const { running } = this.#driver;
    const now = new Map<number, string[]>();
    const namesNow = (id: number): string[] => now.get(id) ?? (now.set(id, running.namesOf(id)).get(id) as string[]);
    return {
      namesOf: (row) => (row.exited ? namesIn(row) : [...namesIn(row), ...namesNow(row.processId)]),
      runs: (isName) => running.ids().some((id) => namesNow(id).some(isName)),
    };
  }

  async #warnOfHidden(processIds: readonly number[]): Promise<void> {
    for (const id of await this.#driver.mayHideSockets([...new Set(processIds)])) {
      this.#onWarning(
        `Process ${id} uses io_uring: a socket that only its ring holds is counted for it, but not listed.`,
      );
    }
  }

  /** Runs a command and returns the traffic of it and its children. */
  async measure(command: string, args: readonly string[] = [], options: MeasureOptions = {}): Promise<Measurement> {
    await this.#ensureRunning();
    const { measureCommand } = await import('./measure.js');
    return measureCommand(this.#driver, command, args, options);
  }

  /**
   * Begins to measure the traffic of a running process and of every process that it starts from now on. A process has
   * one such measurement at a time: a later one ends it.
   */
  async measureProcess(processId: number): Promise<ProcessMeasurement> {
    checkFilter({ pids: [processId] }, processFields);
    await this.#ensureRunning();
    const { measureProcess } = await import('./measure.js');
    return measureProcess(this.#driver, processId);
  }

  /** Limits. Setting one starts the driver. Limits of paths are saved, and listed whether or not it runs. */
  readonly limit = {
    /** Adds or changes a rule, at once and for open connections too. Throws NOT_FOUND if there is no such process. */
    set: async (target: LimitTarget, change: LimitChange): Promise<Limit> => {
      const { setLimit } = await import('./limits.js');
      return setLimit(this.#driver, target, change, this.#limitCalls);
    },
    list: async (): Promise<Limit[]> => {
      const { listLimits } = await import('./limits.js');
      const limits = await listLimits(this.#driver);
      if (limits.length > 0) this.#warnIfStopped();
      return limits;
    },
    /**
     * Returns how many packets were dropped at download limits: another machine had sent them faster than the limit for
     * so long that there was no room for more.
     */
    droppedPackets: (): Promise<number> => this.#driver.droppedPackets(),
    /** Removes a rule, or all that no policy has set; returns them. Throws NOT_FOUND if there is no such rule. */
    remove: async (target: LimitTarget | { all: true }): Promise<Limit[]> => {
      const { removeLimits } = await import('./limits.js');
      return removeLimits(this.#driver, target);
    },
  };

  /** Policies: sets of path rules in CSV or JSON files. A file that is wrong anywhere changes nothing. */
  readonly policy = {
    /** Makes the policy's rules equal to the file; returns what it changed. Rules that were set by hand stay. */
    apply: async (file: string): Promise<PolicyDifference[]> => {
      const { applyPolicy } = await import('./policy.js');
      return applyPolicy(this.#driver, file, this.#limitCalls);
    },
    /** Returns what `apply` would change, or without a file `update`. */
    plan: async (file?: string): Promise<PolicyDifference[]> => {
      const { planPolicy } = await import('./policy.js');
      return planPolicy(this.#driver, file);
    },
    /** Returns the paths whose rules differ from the file's. */
    test: async (file: string): Promise<PolicyDifference[]> => {
      const { testPolicy } = await import('./policy.js');
      const differences = await testPolicy(this.#driver, file);
      this.#warnIfStopped();
      return differences;
    },
    /** Returns the path rules in force, and writes them to the file if one is given. */
    export: async (file?: string): Promise<PolicyRule[]> => {
      const { exportPolicy } = await import('./policy.js');
      return exportPolicy(this.#driver, file);
    },
    /**
     * Applies the machine's own policy: on Linux the files in /etc/netflow/policy.d. Takes it back where the folder has
     * gone since.
     */
    update: async (): Promise<PolicyDifference[]> => {
      const { updatePolicy } = await import('./policy.js');
      return updatePolicy(this.#driver, this.#limitCalls);
    },
    /** Removes the policy's rules, and returns them. Rules that were set by hand stay. */
    remove: async (): Promise<PolicyDifference[]> => {
      const { removePolicy } = await import('./policy.js');
      return removePolicy(this.#driver, this.#limitCalls);
    },
  };

  /** The part in the kernel. */
  readonly driver = {
    status: (): Promise<DriverStatus> => this.#driver.status(),
    install: (): Promise<void> => this.#driver.install({ onWarning: this.#onWarning }),
    start: (options?: StartOptions): Promise<void> => this.#driver.start({ onWarning: this.#onWarning, ...options }),
    stop: (): Promise<void> => this.#driver.stop(),
    uninstall: (): Promise<void> => this.#driver.uninstall(),
  };

  /** Does nothing yet: no resource is open between calls, and the driver continues to count. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  get #limitCalls(): LimitCalls {
    return { start: () => this.#ensureRunning(), onWarning: this.#onWarning };
  }

  #warnIfStopped(): void {
    if (!this.#driver.isRunning()) this.#onWarning('The driver is not running: no limit is in force until it starts.');
  }

  /** Says why all counts are 0 where the driver is only started now. */
  async #beginReading(): Promise<void> {
    const ran = this.#driver.isRunning();
    await this.#ensureRunning();
    if (!ran) this.#onWarning('The driver did not run before: it counts from now on.');
  }

  async #ensureRunning(): Promise<void> {
    if (this.#driver.isRunning()) return;
    this.#onProgress('Starting the driver');
    await this.#driver.start({ onWarning: this.#onWarning });
  }
}

function processIdOf({ processId }: Connection): number {
  return processId;
}
