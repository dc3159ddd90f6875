// Generated from driver/linux/layout.h. Do not edit; run: node scripts/generate-protocol.mjs

/** The #define constants. */
export const layout = {
  defaultProcesses: 16384,
  exitedProcesses: 4096,
  maxClasses: 65536,
  loopbackDevice: 1,
  queueDevice: 1313361921,
  lowerDevice: 1313361922,
  peerDevice: 1313361923,
  splitDevice: 1313361924,
  queueHandle: 1,
  chargedHeader: 86,
} as const;

/** struct netflow_parameters: its size, and where each field starts. */
export const parametersLayout = {
  size: 16,
  ticksPerSecond: 0,
  processCapacity: 8,
  reservedSlots: 12,
} as const;

/** struct netflow_settings: its size, and where each field starts. */
export const settingsLayout = {
  size: 32,
  startedBoot: 0,
  epoch: 8,
  startedMonotonic: 16,
  counting: 24,
  reserved: 28,
} as const;

/** struct netflow_exited_request: its size, and where each field starts. */
export const exitedRequestLayout = {
  size: 1072,
  index: 0,
  again: 4,
  record: 8,
  description: 648,
} as const;

/** struct netflow_classes: its size, and where each field starts. */
export const classesLayout = {
  size: 8,
  classId: [0, 4],
} as const;

/** struct netflow_limited_connection: its size, and where each field starts. */
export const limitedConnectionLayout = {
  size: 8,
  leftClass: 0,
  leftRule: 4,
} as const;

/** struct netflow_file: its size, and where each field starts. */
export const fileLayout = {
  size: 16,
  device: 0,
  inode: 8,
} as const;

/** struct netflow_kernel_rule: its size, and where each field starts. */
export const kernelRuleLayout = {
  size: 32,
  limit: [0, 8],
  classesClassId: [16, 20],
  number: 24,
  flags: 28,
} as const;

/** struct netflow_rule_state: its size, and where each field starts. */
export const ruleStateLayout = {
  size: 32,
  version: 0,
  rules: 4,
  downloads: 8,
  round: 12,
  applied: 16,
  quiet: 24,
  reserved: 28,
} as const;

/** struct netflow_agent_news: its size, and where each field starts. */
export const agentNewsLayout = {
  size: 24,
  work: 0,
  limitEpoch: 8,
  unplaced: 12,
  translates: 16,
  reserved: 20,
} as const;

/** The eBPF programs, and what each is attached to. */
export const programs = {
  netflow_send: 'tp_btf/sock_send_length',
  netflow_receive: 'tp_btf/sock_recv_length',
  netflow_tcp: 'tp_btf/tcp_rcv_space_adjust',
  netflow_release: 'cgroup/sock_release',
  netflow_egress: 'tc',
  netflow_ingress: 'tc',
  netflow_classify: 'tc',
  netflow_return: 'tc',
  fit_windows: 'iter/tcp',
  netflow_fork: 'tp_btf/sched_process_fork',
  netflow_socket: 'cgroup/sock_create',
  netflow_connection: 'sockops',
  netflow_exec: 'tp_btf/sched_process_exec',
  netflow_exit: 'tp_btf/sched_process_exit',
  read_connections: 'iter/task_file',
  read_processes: 'iter.s/task',
  read_tasks: 'iter/task',
  read_exited: 'syscall',
  read_statistics: 'iter/task',
  reapply_rules: 'iter/task',
  netflow_sending: '?tp_btf/tcp_sendmsg_locked',
  netflow_sending_function: '?fentry/tcp_sendmsg_locked',
  netflow_departure: 'cgroup_skb/egress',
  netflow_arrival: 'cgroup_skb/ingress',
} as const;

export type ProgramName = keyof typeof programs;

/** The maps, as libbpf names them. */
export type MapName =
  | '.rodata.parameters'
  | 'accounts'
  | 'agent_news'
  | 'borrowed'
  | 'descriptions'
  | 'exited'
  | 'file_rules'
  | 'free_slots'
  | 'heirs'
  | 'listeners_above'
  | 'measured'
  | 'measurements'
  | 'measuring'
  | 'namespaces'
  | 'own_classes'
  | 'path_rules'
  | 'process_rules'
  | 'processes'
  | 'rule_classes'
  | 'rule_connections'
  | 'rule_state'
  | 'settings'
  | 'slots'
  | 'sockets'
  | 'spare_records'
  | 'uncharged'
  | 'waiting_payload';
