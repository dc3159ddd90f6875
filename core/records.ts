/** The traffic of a process: payload bytes since the driver started, and as speeds those of the last whole second. */
export interface ProcessTraffic {
  processId: number;
  processName: string;
  /** The executable's full path; null for a kernel thread or an executable that never had one. */
  path: string | null;
  user: string;
  /** ISO 8601, UTC, with milliseconds. */
  startTime: string;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
  /** Bytes per second; null where there is no limit. */
  uploadLimit: number | null;
  downloadLimit: number | null;
  /** Sockets that are bound, listening or connected. */
  connections: number;
  exited: boolean;
  /** Its words, quoted where a shell requires it. Null if it has none. Of an exited process, perhaps the beginning. */
  commandLine: string | null;
  /** The systemd unit or Windows service that it belongs to; null where there is none. */
  service: string | null;
}

/** The traffic of a process, and when it was read. */
export interface TimedTraffic extends ProcessTraffic {
  /** ISO 8601. */
  time: string;
}

/** A socket as a process uses it. */
export interface Connection {
  /**
   * By a raw socket: `icmp`, or `raw` for all else. Frames that a program has made itself: `packet`, without
   * addresses.
   */
  protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'raw' | 'packet';
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** As in RFC 9293, lower case with hyphens (`established`, `time-wait`); empty where there is none. */
  state: string;
  processId: number;
  processName: string;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
}

/** A rule: a limit and its target. */
export interface Limit {
  target: 'process' | 'path';
  /** Null where the rule is for a path. */
  processId: number | null;
  /** The executable's full path; null where the rule is for a process. */
  path: string | null;
  /** Bytes per second; null where there is no limit. */
  uploadLimit: number | null;
  downloadLimit: number | null;
  /** All matching processes have the limit together, and not each for itself. */
  shared: boolean;
  source: 'local' | 'policy';
  /** How many processes it is in force for now. */
  processes: number;
}

/** A rule of a policy file. Its limits are in bytes per second, and null where there is none. */
export interface PolicyRule {
  path: string;
  upload: number | null;
  download: number | null;
  shared: boolean;
}

/** The rule that a policy has for a path, and the one that is there; null where there is none. */
export interface PolicyDifference {
  path: string;
  expected: PolicyRule | null;
  actual: PolicyRule | null;
}

/** The traffic that was measured. Speeds are averages over the duration, in bytes per second. */
export interface Transfer {
  durationMs: number;
  processes: number;
  uploadBytes: number;
  downloadBytes: number;
  averageUploadSpeed: number;
  averageDownloadSpeed: number;
}

/** The traffic of a command and all of its children. */
export interface Measurement extends Transfer {
  command: string;
  exitCode: number;
}

/** A condition that the machine has to meet for the driver. */
export interface Requirement {
  name: string;
  ok: boolean;
  /** Names what was found, or what is missing and how to get it. */
  detail: string;
}

/** The state of the driver, its losses and its requirements. */
export interface DriverStatus {
  driver: 'wfp' | 'tdi' | 'ebpf';
  state: 'running' | 'stopped' | 'not installed';
  version: string;
  /** ISO 8601; null where the driver is not running. */
  since: string | null;
  /** How often the driver could not record something as it should. */
  lostEvents: number;
  /** Bytes that were counted without their process, for which there was no room. */
  unattributedBytes: number;
  requirements: Requirement[];
}

/** A reading of the whole machine. */
export interface TrafficSnapshot {
  /** ISO 8601. */
  time: string;
  processes: ProcessTraffic[];
  /** Sums over every process since the driver started, including those that have exited and are no longer listed. */
  totals: { uploadBytes: number; downloadBytes: number; uploadSpeed: number; downloadSpeed: number };
}
