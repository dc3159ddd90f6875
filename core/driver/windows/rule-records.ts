import { decodeRules } from '../decode.js';
import type { RuleRecord } from '../decode-rule.js';
import type { Identity, PathRule, RuleLimits } from '../driver.js';
import { encodeIdentity } from '../record-values.js';
import { protocol, recordType, ruleFlag, ruleLayout as layout, ruleTarget } from '../protocol.generated.js';
import type { DevicePaths } from './device-paths.js';

/** Path rules as requests and the registry have them: one struct netflow_rule after the other. */
export function encodePathRules(rules: readonly PathRule[], paths: DevicePaths): Buffer {
  return Buffer.concat(rules.map((rule) => encodePathRule(rule, paths)));
}

function encodePathRule(rule: PathRule, paths: DevicePaths): Buffer {
  const path = Buffer.from(paths.toDevice(rule.path), 'utf16le');
  const record = newRecord(rule, path.length);
  record.writeUInt8(ruleTarget.path, layout.target);
  record.writeUInt8((rule.shared ? ruleFlag.shared : 0) | (rule.policy ? ruleFlag.policy : 0), layout.flags);
  record.writeUInt16LE(path.length, layout.pathBytes);
  path.copy(record, layout.size);
  return record;
}

/** The struct netflow_rule of one process. */
export function encodeProcessRule(identity: Identity, limits: RuleLimits): Buffer {
  const record = newRecord(limits, 0);
  encodeIdentity(identity).copy(record, layout.identityProcessId);
  record.writeUInt8(ruleTarget.process, layout.target);
  return record;
}

function newRecord({ upload, download }: RuleLimits, pathBytes: number): Buffer {
  const record = Buffer.alloc(layout.size + Math.ceil(pathBytes / 8) * 8);
  record.writeUInt32LE(protocol.magic, layout.headerMagic);
  record.writeUInt16LE(protocol.protocolVersion, layout.headerVersion);
  record.writeUInt16LE(recordType.rule, layout.headerType);
  record.writeUInt32LE(record.length, layout.headerSize);
  record.writeBigUInt64LE(BigInt(upload ?? protocol.unlimited), layout.uploadLimit);
  record.writeBigUInt64LE(BigInt(download ?? protocol.unlimited), layout.downloadLimit);
  return record;
}

/** The path rules among the records, with how many processes each is in force for. */
export function decodePathRules(records: Buffer, paths: DevicePaths): (PathRule & { processes: number })[] {
  return decodeRules(records)
    .filter(({ isPath }) => isPath)
    .map((rule) => ({
      ...limitsOf(rule),
      path: paths.toDos(rule.path),
      policy: rule.policy,
      processes: rule.processes,
    }));
}

/** The rules of single processes among the records, by what they are for. */
export function decodeProcessRules(records: Buffer): Map<Identity, RuleLimits & { processId: number }> {
  const rules = decodeRules(records).filter(({ isPath }) => !isPath);
  return new Map(rules.map((rule) => [rule.identity, { ...limitsOf(rule), processId: rule.processId }]));
}

function limitsOf({ upload, download, shared }: RuleRecord): RuleLimits {
  return { upload, download, shared };
}
