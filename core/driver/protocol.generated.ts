// Generated from driver/protocol.h. Do not edit; run: node scripts/generate-protocol.mjs

/** The #define constants. */
export const protocol = {
  magic: 1464616526,
  protocolVersion: 1,
  pathBytes: 512,
  nameBytes: 16,
  addressBytes: 16,
  commandBytes: 256,
  serviceBytes: 128,
  unlimited: 0,
  leastLimit: 1024,
  greatestLimit: 1000000000000,
  maxRules: 16384,
  upload: 0,
  download: 1,
  directions: 2,
  readAccess: 1,
  writeAccess: 2,
  ioctlHandshake: 1204224,
  ioctlQueryConnections: 1204228,
  ioctlQueryProcesses: 1204232,
  ioctlQueryExited: 1204236,
  ioctlQueryRules: 1204240,
  ioctlQueryStatistics: 1204244,
  ioctlSetRule: 1220632,
  ioctlRemoveRule: 1220636,
  ioctlReplaceRules: 1220640,
  pinDirectory: '/sys/fs/bpf/netflow',
  deviceName: '\\Device\\NetFlow',
} as const;

/** enum netflow_record_type. */
export const recordType = {
  process: 1,
  connection: 2,
  rule: 3,
  statistics: 4,
  measurement: 5,
  task: 6,
  handshake: 7,
  description: 8,
} as const;

/** enum netflow_driver_kind. */
export const driverKind = {
  wfp: 1,
  tdi: 2,
} as const;

/** enum netflow_process_flag. */
export const processFlag = {
  exited: 1,
  deleted: 2,
  pathCut: 4,
  pathUtf16: 8,
  kernel: 16,
  pathMemory: 32,
} as const;

/** enum netflow_family. */
export const family = {
  ipv4: 4,
  ipv6: 6,
} as const;

/** enum netflow_transport. */
export const transport = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  sctp: 132,
  packet: 254,
  raw: 255,
} as const;

/** enum netflow_connection_state. */
export const connectionState = {
  none: 0,
  established: 1,
  synSent: 2,
  synReceived: 3,
  finWait1: 4,
  finWait2: 5,
  timeWait: 6,
  closed: 7,
  closeWait: 8,
  lastAck: 9,
  listen: 10,
  closing: 11,
} as const;

/** enum netflow_rule_target. */
export const ruleTarget = {
  process: 1,
  path: 2,
} as const;

/** enum netflow_rule_flag. */
export const ruleFlag = {
  shared: 1,
  policy: 2,
} as const;

/** struct netflow_header: its size, and where each field starts. */
export const headerLayout = {
  size: 16,
  magic: 0,
  version: 4,
  type: 6,
  headerSize: 8,
  reserved: 12,
} as const;

/** struct netflow_identity: its size, and where each field starts. */
export const identityLayout = {
  size: 16,
  processId: 0,
  image: 4,
  startTime: 8,
} as const;

/** struct netflow_process: its size, and where each field starts. */
export const processLayout = {
  size: 128,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  identityProcessId: 16,
  identityImage: 20,
  identityStartTime: 24,
  exitTime: 32,
  uploadBytes: 40,
  downloadBytes: 48,
  uploadSpeed: 56,
  downloadSpeed: 64,
  uploadLimit: 72,
  downloadLimit: 80,
  parentId: 88,
  userId: 92,
  measurement: 96,
  flags: 100,
  reserved: 102,
  pathBytes: 104,
  sidBytes: 106,
  rule: 108,
  name: 112,
} as const;

/** struct netflow_connection: its size, and where each field starts. */
export const connectionLayout = {
  size: 112,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  identityProcessId: 16,
  identityImage: 20,
  identityStartTime: 24,
  connectionId: 32,
  uploadBytes: 40,
  downloadBytes: 48,
  uploadSpeed: 56,
  downloadSpeed: 64,
  localAddress: 72,
  remoteAddress: 88,
  localPort: 104,
  remotePort: 106,
  family: 108,
  transport: 109,
  state: 110,
  reserved: 111,
} as const;

/** struct netflow_rule: its size, and where each field starts. */
export const ruleLayout = {
  size: 64,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  identityProcessId: 16,
  identityImage: 20,
  identityStartTime: 24,
  ruleId: 32,
  uploadLimit: 40,
  downloadLimit: 48,
  processes: 56,
  target: 60,
  flags: 61,
  pathBytes: 62,
} as const;

/** struct netflow_statistics: its size, and where each field starts. */
export const statisticsLayout = {
  size: 112,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  time: 16,
  started: 24,
  epoch: 32,
  uploadBytes: 40,
  downloadBytes: 48,
  uploadSpeed: 56,
  downloadSpeed: 64,
  unattributedBytes: 72,
  lostEvents: 80,
  exitedProcesses: 88,
  droppedPackets: 96,
  processes: 104,
  processCapacity: 108,
} as const;

/** struct netflow_measurement: its size, and where each field starts. */
export const measurementLayout = {
  size: 72,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  uploadBytes: 16,
  downloadBytes: 24,
  processes: 32,
  ended: 40,
  ownerProcessId: 48,
  ownerImage: 52,
  ownerStartTime: 56,
  parent: 64,
  reserved: 68,
} as const;

/** struct netflow_task: its size, and where each field starts. */
export const taskLayout = {
  size: 32,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  identityProcessId: 16,
  identityImage: 20,
  identityStartTime: 24,
} as const;

/** struct netflow_description: its size, and where each field starts. */
export const descriptionLayout = {
  size: 424,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  identityProcessId: 16,
  identityImage: 20,
  identityStartTime: 24,
  commandBytes: 32,
  reserved: 36,
  command: 40,
  service: 296,
} as const;

/** struct netflow_handshake: its size, and where each field starts. */
export const handshakeLayout = {
  size: 40,
  headerMagic: 0,
  headerVersion: 4,
  headerType: 6,
  headerSize: 8,
  headerReserved: 12,
  driver: 16,
  reserved: 20,
  driverVersion: 24,
} as const;
