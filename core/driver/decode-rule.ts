import { readIdentity, readLimit, type Identity } from './record-values.js';
import { malformed } from './malformed.js';
import { ruleFlag, ruleLayout as layout, ruleTarget } from './protocol.generated.js';

/** struct netflow_rule, decoded. */
export interface RuleRecord {
  identity: Identity;
  processId: number;
  upload: number | null;
  download: number | null;
  shared: boolean;
  policy: boolean;
  /** How many processes it is in force for. */
  processes: number;
  /** The rule is for the executable at `path`, and not for one process. */
  isPath: boolean;
  /** The path as the kernel names it; empty for the rule of a process. */
  path: string;
}

/** Decodes the struct netflow_rule at `offset`, with its path in UTF-16; the caller has checked its `size`. */
export function decodeRule(reply: Buffer, view: DataView, offset: number, size: number): RuleRecord {
  const pathStart = offset + layout.size;
  const pathBytes = view.getUint16(offset + layout.pathBytes, true);
  if (pathBytes > size - layout.size) {
    throw malformed(offset, `its path needs ${pathBytes} bytes and has ${size - layout.size}`);
  }
  const flags = reply[offset + layout.flags] ?? 0;
  return {
    identity: readIdentity(view, offset + layout.identityProcessId),
    processId: view.getUint32(offset + layout.identityProcessId, true),
    upload: readLimit(view, offset + layout.uploadLimit),
    download: readLimit(view, offset + layout.downloadLimit),
    shared: (flags & ruleFlag.shared) !== 0,
    policy: (flags & ruleFlag.policy) !== 0,
    processes: view.getUint32(offset + layout.processes, true),
    isPath: reply[offset + layout.target] === ruleTarget.path,
    path: reply.toString('utf16le', pathStart, pathStart + pathBytes),
  };
}
