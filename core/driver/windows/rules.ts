import { NetFlowError } from '../../errors.js';
import { kernelProcess, netflowItself, noSuchProcess } from '../../process-errors.js';
import type { Identity, PathRule, RuleLimits, RuleReading } from '../driver.js';
import { protocol } from '../protocol.generated.js';
import { Device } from './device.js';
import { savedRules } from './paths.js';
import { devicePaths } from './reading.js';
import { readBinary, writeBinary } from './registry.js';
import { decodePathRules, decodeProcessRules, encodePathRules, encodeProcessRule } from './rule-records.js';
import { kernelProcessId, readSystemProcess } from './system-process.js';

export function readRules(): RuleReading {
  using device = Device.openIfThere();
  if (!device) return { paths: readSavedRules(), processes: [] };
  const records = device.query(protocol.ioctlQueryRules);
  return { paths: decodePathRules(records, devicePaths()), processes: [...decodeProcessRules(records).values()] };
}

/** A running driver saves the rules that it is given; one that is started later finds what is saved here. */
export function editPathRules(edit: (rules: readonly PathRule[]) => PathRule[]): void {
  const before = readRules().paths.map(({ processes: _, ...rule }) => rule);
  const after = edit(before);
  if (after.length > protocol.maxRules) {
    throw new NetFlowError(
      'FAILED',
      `There would be ${after.length} rules, and ${protocol.maxRules} are the most: nothing has changed.`,
    );
  }
  const records = encodePathRules(after, devicePaths());
  using device = Device.openIfThere();
  if (device) device.change(protocol.ioctlReplaceRules, records);
  else writeBinary(savedRules, records);
}

export function editProcessRule(processId: number, edit: (rule: RuleLimits | null) => RuleLimits | null): void {
  if (processId <= kernelProcessId) throw kernelProcess(processId);
  if (processId === process.pid) throw netflowItself(processId);
  const identity = identityOf(processId);
  using device = Device.open();
  const before = decodeProcessRules(device.query(protocol.ioctlQueryRules)).get(identity) ?? null;
  const after = edit(before);
  if (after) device.change(protocol.ioctlSetRule, encodeProcessRule(identity, after));
  else if (before) device.change(protocol.ioctlRemoveRule, encodeProcessRule(identity, before));
}

function identityOf(processId: number): Identity {
  const process = readSystemProcess(processId);
  if (process) return process.identity;
  throw noSuchProcess(processId);
}

function readSavedRules(): (PathRule & { processes: number })[] {
  const records = readBinary(savedRules);
  if (records === null) return [];
  try {
    return decodePathRules(records, devicePaths());
  } catch (cause) {
    throw new NetFlowError(
      'FAILED',
      `The saved limits are damaged: delete the value ${savedRules.name} of HKLM\\${savedRules.key}, and set them again.`,
      { cause },
    );
  }
}
