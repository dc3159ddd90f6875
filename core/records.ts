/** Traffic of one process. Bytes are payload bytes since the driver started; speeds are bytes in the last whole second. */
export interface ProcessTraffic {
  processId: number;
  processName: string;
  /** Full path of the executable; null for a kernel thread or an executable that never had one. */
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
}

/** One TCP or UDP socket as one process uses it. */
export interface Connection {
  protocol: 'tcp' | 'udp';
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** As in RFC 9293, lower case with hyphens (`established`, `time-wait`); empty for UDP. */
  state: string;
  processId: number;
  processName: string;
  uploadBytes: number;
  downloadBytes: number;
  uploadSpeed: number;
  downloadSpeed: number;
}

/** A rule: a limit and what it matches. */
export interface Limit {
  target: 'process' | 'path';
  /** Null where the rule is for a path. */
  processId: number | null;
  /** Full path of the executable; null where the rule is for a process. */
  path: string | null;
  /** Bytes per second; null where there is no limit. */
  uploadLimit: number | null;
  downloadLimit: number | null;
  /** One limit for all matching processes together, and not for each. */
  shared: boolean;
  source: 'local' | 'policy';
  /** How many processes it holds for now. */
  processes: number;
}

/** A rule of a policy file. Limits in bytes per second; null where there is none. */
export interface PolicyRule {
  path: string;
  upload: number | null;
  download: number | null;
  shared: boolean;
}

/** What a policy says of a path, and what is; null where there is no rule. */
export interface PolicyDifference {
  path: string;
  expected: PolicyRule | null;
  actual: PolicyRule | null;
}

/** What was transferred while something was measured. Speeds are averages over the duration, in bytes per second. */
export interface Transfer {
  durationMs: number;
  processes: number;
  uploadBytes: number;
  downloadBytes: number;
  averageUploadSpeed: number;
  averageDownloadSpeed: number;
}

/** What a command and all of its children transferred. */
export interface Measurement extends Transfer {
  command: string;
  exitCode: number;
}

/** One thing that the driver needs of the machine. */
export interface Requirement {
  name: string;
  ok: boolean;
  /** What was found, or what is missing and how to get it. */
  detail: string;
}

/** The part in the kernel: what runs, what it could not record, and what it needs. */
export interface DriverStatus {
  driver: 'wfp' | 'tdi' | 'ebpf';
  state: 'running' | 'stopped' | 'not installed';
  version: string;
  /** ISO 8601; null where the driver is not running. */
  since: string | null;
  /** How often something could not be recorded as it should. */
  lostEvents: number;
  /** Bytes that were counted, but for which there was no room to say whose. */
  unattributedBytes: number;
  requirements: Requirement[];
}

/** One reading of the whole machine. */
export interface TrafficSnapshot {
  /** ISO 8601. */
  time: string;
  processes: ProcessTraffic[];
  /** Sums over every process since the driver started, ended and no longer listed ones included. */
  totals: { uploadBytes: number; downloadBytes: number; uploadSpeed: number; downloadSpeed: number };
}
