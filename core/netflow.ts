import type { Driver, StartOptions } from './driver/driver.js';
import { openDriver } from './driver/open.js';
import {
  checkFilter,
  select,
  compareTraffic,
  type ConnectionFilter,
  type ProcessFilter,
  type WatchOptions,
} from './filter.js';
import type { MeasureOptions, ProcessMeasurement } from './measure.js';
import type { Connection, DriverStatus, Measurement, ProcessTraffic, TrafficSnapshot } from './records.js';
import { toSnapshot } from './traffic.js';
import { checkWatch, ticks } from './watch.js';

export interface OpenOptions {
  /** Told in a few words what goes on, when something is begun that takes a while. */
  onProgress?: (message: string) => void;
}

/**
 * What every process sends and receives. Everything that reads starts the driver where it is not running. All methods
 * throw NetFlowError: NOT_PERMITTED for one who is no administrator, DRIVER_UNAVAILABLE where the driver can't run.
 */
export class NetFlow implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #onProgress: (message: string) => void;

  private constructor(driver: Driver, { onProgress = () => undefined }: OpenOptions) {
    this.#driver = driver;
    this.#onProgress = onProgress;
  }

  /** Throws DRIVER_UNAVAILABLE on a platform that NetFlow has no driver for. */
  static async open(options: OpenOptions = {}): Promise<NetFlow> {
    return new NetFlow(await openDriver(), options);
  }

  /** One snapshot of every process with sockets or traffic. */
  async list(filter: ProcessFilter = {}): Promise<ProcessTraffic[]> {
    return (await this.snapshot(filter)).processes;
  }

  /** The same with the time and the machine's totals, which no filter narrows. */
  async snapshot(filter: ProcessFilter = {}): Promise<TrafficSnapshot> {
    checkFilter(filter);
    await this.#ensureRunning();
    const snapshot = toSnapshot(await this.#driver.read({ exited: filter.exited ?? false }));
    const selected = select(snapshot.processes, filter).toSorted(compareTraffic(filter.sort));
    return { ...snapshot, processes: selected.slice(0, filter.top) };
  }

  /** A snapshot now and one every interval, until `count`, the signal, or the end of the loop over it. */
  async *watch(options: WatchOptions = {}): AsyncGenerator<TrafficSnapshot, void> {
    checkWatch(options);
    for await (const _ of ticks(options)) yield await this.snapshot(options);
  }

  /** Every TCP and UDP socket that is bound, listening or connected, once for each process that holds it. */
  async connections(filter: ConnectionFilter = {}): Promise<Connection[]> {
    checkFilter(filter);
    await this.#ensureRunning();
    return select(await this.#driver.readConnections(), filter);
  }

  /** Runs a command and says what it and its children transferred. */
  async measure(command: string, args: readonly string[] = [], options: MeasureOptions = {}): Promise<Measurement> {
    await this.#ensureRunning();
    const { measureCommand } = await import('./measure.js');
    return measureCommand(this.#driver, command, args, options);
  }

  /**
   * Begins to measure what a process that runs already, and every process that it starts from now on, transfers. A
   * process has one such measurement at a time, the latest.
   */
  async measureProcess(processId: number): Promise<ProcessMeasurement> {
    checkFilter({ pids: [processId] });
    await this.#ensureRunning();
    const { measureProcess } = await import('./measure.js');
    return measureProcess(this.#driver, processId);
  }

  /** The part in the kernel. */
  readonly driver = {
    status: (): Promise<DriverStatus> => this.#driver.status(),
    install: (): Promise<void> => this.#driver.install(),
    start: (options?: StartOptions): Promise<void> => this.#driver.start(options),
    stop: (): Promise<void> => this.#driver.stop(),
    uninstall: (): Promise<void> => this.#driver.uninstall(),
  };

  /** Nothing is held open between calls; the driver goes on counting. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  async #ensureRunning(): Promise<void> {
    if (this.#driver.isRunning()) return;
    this.#onProgress('Starting the driver');
    await this.#driver.start();
  }
}
