import { protocol } from './protocol.generated.js';
import type { Connection, DriverStatus, PolicyRule } from '../records.js';

/** One program image: process id, start time on the driver's clock and count of execs, as one string. */
export type Identity = string;

/** struct netflow_process, decoded. */
export interface ProcessRecord {
  identity: Identity;
  processId: number;
  /** Milliseconds since 1970. */
  startTime: number;
  exited: boolean;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
  uploadLimit: number | null;
  downloadLimit: number | null;
  parentId: number;
  user: string;
  measurement: number;
  /** The number of the rule that holds for it; 0 where none does. */
  rule: number;
  name: string;
  path: string | null;
}

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

/** One consistent reading: a process that ended meanwhile stands only in its final state. */
export interface Reading {
  time: Date;
  processes: ProcessRecord[];
  /** How many sockets each process holds. */
  sockets: Map<Identity, number>;
  statistics: StatisticsRecord;
}

/** An open measurement of the processes that its owner starts from now on. */
export interface OpenMeasurement {
  /** Sums so far, the living included. */
  read(): Promise<{ uploadBytes: number; downloadBytes: number; processes: number }>;
  close(): Promise<void>;
}

export interface StartOptions {
  /** Processes with sockets or traffic at any one time. */
  maxProcesses?: number;
  /** Told what is not as it should be, and keeps nothing from running: saved limits that can't be applied. */
  onWarning?: (message: string) => void;
}

/** Bytes per second that a limit may be. */
export const limitRange = { least: protocol.leastLimit, greatest: protocol.greatestLimit } as const;

/** What a rule asks for, in bytes per second; null: no limit. */
export interface RuleLimits {
  upload: number | null;
  download: number | null;
  /** One limit for all matching processes together. */
  shared: boolean;
}

/** A rule for every process of an executable, now and later; saved, so that it outlives the machine's next start. */
export interface PathRule extends RuleLimits {
  path: string;
  /** Set by a policy; it holds where a local rule has the same path. */
  policy: boolean;
}

/** A rule for one program image, which ends with it. */
export interface ProcessRule extends RuleLimits {
  processId: number;
}

/** Every rule, with how many processes it holds for now. */
export interface RuleReading {
  paths: (PathRule & { processes: number })[];
  processes: ProcessRule[];
}

/** How a platform names executables. */
export interface ExecutablePaths {
  /** The path as rules have it: absolute and without `..`. Throws INVALID_ARGUMENT for one that no executable can have. */
  check(path: string): string;
  /** The same with links resolved, as the kernel sees executables. There may be no such file yet. */
  resolve(path: string): string;
  /** Equal for two checked paths that name one file. */
  key(path: string): string;
}

/** What each platform's driver does; chosen once, in open.ts. */
export interface Driver {
  readonly paths: ExecutablePaths;
  status(): Promise<DriverStatus>;
  install(): Promise<void>;
  uninstall(): Promise<void>;
  /** Does nothing where it runs already. */
  start(options?: StartOptions): Promise<void>;
  /** Removes every trace from the kernel; does nothing where it is stopped. */
  stop(): Promise<void>;
  /** As far as the caller may see: false for one who is no administrator. */
  isRunning(): boolean;
  read(what: { exited: boolean }): Promise<Reading>;
  /** Every socket, once for each process that holds it. */
  readConnections(): Promise<Connection[]>;
  /**
   * Of the processes that this one starts; or that another one does, whose measurement takes the place of one that
   * somebody else began for it.
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
   * The same for the rule of one process; null: it has none. Throws NOT_FOUND where there is no such process, and
   * INVALID_ARGUMENT for one that belongs to the kernel or to NetFlow.
   */
  editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): Promise<void>;
  /**
   * The policy that the machine's administrators have set for it; null where there is none. Throws FAILED where others
   * could have written it.
   */
  readMachinePolicy(): Promise<PolicyRule[] | null>;
}
