import type { Connection, DriverStatus, Limit, PolicyRule } from '../records.js';
import type { Description } from './decode-description.js';
import type { ProcessRecord } from './decode-process.js';
import { protocol } from './protocol.generated.js';
import type { Identity } from './record-values.js';

export type { Description, Identity, ProcessRecord };

/** struct netflow_statistics, decoded. */
export interface StatisticsRecord {
  /** When the driver started, in milliseconds since 1970. */
  started: number;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
  unattributedBytes: number;
  lostEvents: number;
  exitedProcesses: number;
  processes: number;
  processCapacity: number;
}

/** A consistent reading: it has a process that exited meanwhile only in its final state. */
export interface Reading {
  time: Date;
  processes: ProcessRecord[];
  /** How many sockets each process has open. */
  sockets: Map<Identity, number>;
  statistics: StatisticsRecord;
}

/** An open measurement of the processes that its owner starts from now on. */
export interface OpenMeasurement {
  /** Returns the sums so far, including those of living processes. */
  read(): Promise<{ uploadBytes: number; downloadBytes: number; processes: number }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Called with a short status message when something keeps a call waiting. */
  onProgress?: (message: string) => void;
}

export interface StartOptions {
  /** How many processes may have sockets or traffic at the same time. */
  maxProcesses?: number;
  /** Called with a problem that doesn't keep the driver from running, such as saved limits that can't be applied. */
  onWarning?: (message: string) => void;
}

/** The range of a limit, in bytes per second. */
export const limitRange = { least: protocol.leastLimit, greatest: protocol.greatestLimit } as const;

/** A rule's limits in bytes per second; null: no limit. */
export interface RuleLimits {
  upload: number | null;
  download: number | null;
  /** All matching processes have the limit together. */
  shared: boolean;
}

/** A rule for every process of an executable, now and later. It is saved, and applied again after a restart. */
export interface PathRule extends RuleLimits {
  path: string;
  /** The rule was set by a policy, and is in force if a local one has the same path. */
  policy: boolean;
}

/** A rule for a program image, which ends with it. */
export interface ProcessRule extends RuleLimits {
  processId: number;
}

/** Every rule, and for a path how many processes it is in force for now. */
export interface RuleReading {
  paths: (PathRule & { processes: number })[];
  processes: ProcessRule[];
}

/** A platform's names of executables. */
export interface ExecutablePaths {
  /** Returns the path as rules have it, absolute and without `..`; throws INVALID_ARGUMENT if that is impossible. */
  check(path: string): string;
  /**
   * Checks the path, and resolves links that a rule can't follow later. The file need not exist yet; throws
   * INVALID_ARGUMENT if it is no executable.
   */
  resolve(path: string): string;
  /** Says in a sentence why a rule for a resolved path applies to nobody yet; null if nothing speaks against it. */
  doubt(path: string): string | null;
  /** Returns the same key for checked paths that name the same file. */
  key(path: string): string;
}

/** The processes that run now, whether or not the driver knows them. */
export interface RunningProcesses {
  ids(): number[];
  /** Returns the names that people know a process by; none if it has exited. */
  namesOf(processId: number): string[];
  /** Returns its command line, whole, and its service. */
  describe(processId: number): Description;
}

/** The client of a platform's driver, which open.ts chooses. */
export interface Driver {
  readonly paths: ExecutablePaths;
  readonly running: RunningProcesses;
  status(): Promise<DriverStatus>;
  install(options?: StartOptions): Promise<void>;
  uninstall(): Promise<void>;
  /** Does nothing if it runs already. */
  start(options?: StartOptions): Promise<void>;
  /** Removes every trace from the kernel; does nothing if it is stopped. */
  stop(): Promise<void>;
  /** Says whether the driver runs, as far as the caller may see: false for anyone but an administrator. */
  isRunning(): boolean;
  read(what: { exited: boolean }): Promise<Reading>;
  /** Returns every socket, once for each process that has it open. */
  readConnections(): Promise<Connection[]>;
  /** Returns the processes, of these, that may have sockets which `readConnections` can't see. */
  mayHideSockets(processIds: readonly number[]): Promise<number[]>;
  /**
   * Measures the processes that this one starts, or that `owner` does. A measurement that another process began for the
   * same owner ends.
   */
  measure(owner?: number): Promise<OpenMeasurement>;
  /**
   * Returns saved rules whether or not the driver runs. Whoever holds a socket is counted; `hasLooked` is for a caller
   * that has just read the connections, so that the driver knows them.
   */
  readRules(options?: { hasLooked: boolean }): Promise<RuleReading>;
  /** Returns a sentence for each way in which the machine, as it is now, can't hold such a limit as others do. */
  limitDoubts(limit: Limit): Promise<string[]>;
  /** Returns how many packets were dropped because they arrived faster than a download limit lets through. */
  droppedPackets(): Promise<number>;
  /**
   * Replaces the saved path rules by the result of `edit`, all or nothing, and applies them at once if the driver runs.
   * No other process can change rules meanwhile.
   */
  editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void>;
  /**
   * Replaces the rule of a process, null if it has none, by the result of `edit`. Throws NOT_FOUND if there is no such
   * process, and INVALID_ARGUMENT for one that belongs to the kernel or to NetFlow.
   */
  editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void>;
  /**
   * Returns the policy that the machine's administrators have configured; null if there is none. Throws FAILED if
   * another user could have written it.
   */
  readMachinePolicy(): Promise<PolicyRule[] | null>;
  /** Whether the policy's rules were noted to be the machine's own, so that they end with it. */
  hasMachinePolicy(): Promise<boolean>;
  noteMachinePolicy(isMachines: boolean): Promise<void>;
}
