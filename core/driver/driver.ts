import type { Connection, DriverStatus, PolicyRule } from '../records.js';
import type { ProcessRecord } from './decode-process.js';
import { protocol } from './protocol.generated.js';
import type { Identity } from './record-values.js';

export type { Identity, ProcessRecord };

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

/** A consistent reading: a process that exited meanwhile stands only in its final state. */
export interface Reading {
  time: Date;
  processes: ProcessRecord[];
  /** How many sockets each process has open. */
  sockets: Map<Identity, number>;
  statistics: StatisticsRecord;
}

/** An open measurement of the processes that its owner starts from now on. */
export interface OpenMeasurement {
  /** Sums so far, the living included. */
  read(): Promise<{ uploadBytes: number; downloadBytes: number; processes: number }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Called with a short status message when something keeps a call waiting. */
  onProgress?: (message: string) => void;
}

export interface StartOptions {
  /** Processes with sockets or traffic at any one time. */
  maxProcesses?: number;
  /** Called with a problem that keeps nothing from running, as saved limits that can't be applied. */
  onWarning?: (message: string) => void;
}

/** Bytes per second that a limit may be. */
export const limitRange = { least: protocol.leastLimit, greatest: protocol.greatestLimit } as const;

/** A rule's limits in bytes per second; null: no limit. */
export interface RuleLimits {
  upload: number | null;
  download: number | null;
  /** All matching processes have the limit together. */
  shared: boolean;
}

/** A rule for every process of an executable, now and later; saved, so that it outlives the machine's next start. */
export interface PathRule extends RuleLimits {
  path: string;
  /** Set by a policy; it is in force where a local rule has the same path. */
  policy: boolean;
}

/** A rule for one program image, which ends with it. */
export interface ProcessRule extends RuleLimits {
  processId: number;
}

/** Every rule, with how many processes it is in force for now. */
export interface RuleReading {
  paths: (PathRule & { processes: number })[];
  processes: ProcessRule[];
}

/** How a platform names executables. */
export interface ExecutablePaths {
  /** The path as rules have it: absolute and without `..`. Throws INVALID_ARGUMENT for one that no executable can have. */
  check(path: string): string;
  /** Checks the path and resolves its links, as the kernel sees executables. There may be no such file yet. */
  resolve(path: string): string;
  /** Equal for two checked paths that name one file. */
  key(path: string): string;
}

/** The client of a platform's driver; open.ts chooses it. */
export interface Driver {
  readonly paths: ExecutablePaths;
  status(): Promise<DriverStatus>;
  install(options?: StartOptions): Promise<void>;
  uninstall(): Promise<void>;
  /** Does nothing where it runs already. */
  start(options?: StartOptions): Promise<void>;
  /** Removes every trace from the kernel; does nothing where it is stopped. */
  stop(): Promise<void>;
  /** As far as the caller may see: false for one who is no administrator. */
  isRunning(): boolean;
  read(what: { exited: boolean }): Promise<Reading>;
  /** Returns every socket, once for each process that has it open. */
  readConnections(): Promise<Connection[]>;
  /**
   * Measures the processes that this one starts, or that `owner` does; a measurement that somebody else began for that
   * owner ends.
   */
  measure(owner?: number): Promise<OpenMeasurement>;
  /** Rules that are saved are there whether or not the driver runs. */
  readRules(): Promise<RuleReading>;
  /** Packets that arrived faster than a limit lets through for so long that there was no more room for them. */
  droppedPackets(): Promise<number>;
  /**
   * Replaces the saved path rules by what `edit` makes of them, all or nothing, and applies them at once where the driver
   * runs. Nobody else changes rules meanwhile.
   */
  editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void>;
  /**
   * Replaces the rule of one process by what `edit` makes of it; null: it has none. Throws NOT_FOUND where there is no such process, and
   * INVALID_ARGUMENT for one that belongs to the kernel or to NetFlow.
   */
  editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void>;
  /**
   * The policy that the machine's administrators have set for it; null where there is none. Throws FAILED where others
   * could have written it.
   */
  readMachinePolicy(): Promise<PolicyRule[] | null>;
}
