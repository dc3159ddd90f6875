import { encodeIdentity, readIdentity } from '../../record-values.js';
import type { Identity } from '../../driver.js';
import { identityLayout, protocol, ruleFlag } from '../../protocol.generated.js';
import { agentNewsLayout, classesLayout, fileLayout, kernelRuleLayout, ruleStateLayout } from '../layout.generated.js';
import { encodeNumber, PinnedMap } from '../pinned-map.js';
import type { FileId } from './file-id.js';

/** The HTB classes that keep a limit, upload first; 0 where there is none. */
export type Classes = readonly [upload: number, download: number];

/**
 * Classes that are no rule's and no process's any more, and the number of the path rule whose rate each has: those in
 * which waits what processes that have ended left to be sent, for as long as there is such a connection.
 */
export type LeftClasses = ReadonlyMap<number, number>;

/** struct netflow_kernel_rule, decoded. */
export interface KernelRule {
  upload: number | null;
  download: number | null;
  shared: boolean;
  policy: boolean;
  number: number;
  classes: Classes;
}

/** Every rule, by what it is for. */
export interface Rules {
  paths: ReadonlyMap<string, KernelRule>;
  processes: ReadonlyMap<Identity, KernelRule>;
}

export function allRules({ paths, processes }: Rules): KernelRule[] {
  return [...paths.values(), ...processes.values()];
}

/** struct netflow_rule_state, decoded, but for what is raised with each writing. */
export interface RuleState {
  version: number;
  rules: number;
  applied: bigint;
}

/** The rules as the running driver has them. */
export class RuleMaps implements Disposable {
  readonly #paths: PinnedMap;
  readonly #files: PinnedMap;
  readonly #processes: PinnedMap;
  readonly #ruleClasses: PinnedMap;
  readonly #ownClasses: PinnedMap;
  readonly #state: PinnedMap;
  readonly #news: PinnedMap;

  constructor() {
    this.#paths = new PinnedMap('path_rules', { key: protocol.pathBytes, value: kernelRuleLayout.size });
    this.#files = new PinnedMap('file_rules', { key: fileLayout.size, value: kernelRuleLayout.size });
    this.#processes = new PinnedMap('process_rules', { key: identityLayout.size, value: kernelRuleLayout.size });
    this.#ruleClasses = new PinnedMap('rule_classes', { key: 4, value: classesLayout.size });
    this.#ownClasses = new PinnedMap('own_classes', { key: identityLayout.size, value: classesLayout.size });
    this.#state = new PinnedMap('rule_state', { key: 4, value: ruleStateLayout.size });
    this.#news = new PinnedMap('agent_news', { key: 4, value: agentNewsLayout.size });
  }

  paths(): Map<string, KernelRule> {
    return new Map(this.#paths.entries().map(([key, value]) => [decodePath(key), decodeRule(value)]));
  }

  processes(): Map<Identity, KernelRule> {
    return new Map(this.#processes.entries().map(([key, value]) => [identityOf(key), decodeRule(value)]));
  }

  /** The rules of paths by the files that these lead to. */
  files(): Map<FileId, KernelRule> {
    return new Map(this.#files.entries().map(([key, value]) => [decodeFile(key), decodeRule(value)]));
  }

  /** The classes of single processes under a path rule that each has for itself. */
  ownClasses(): Map<Identity, Classes> {
    return new Map(
      this.#ownClasses.entries().map(([key, value]) => [identityOf(key), readClasses(value, classesLayout.classId)]),
    );
  }

  rules(): Rules {
    return { paths: this.paths(), processes: this.processes() };
  }

  setPath(path: string, rule: KernelRule): void {
    this.#ruleClasses.set(encodeNumber(rule.number), encodeClasses(rule.classes));
    this.#paths.set(encodePath(path), encodeRule(rule));
  }

  removePath(path: string, { number }: KernelRule): void {
    this.#paths.delete(encodePath(path));
    this.#ruleClasses.set(encodeNumber(number), encodeClasses([0, 0]));
  }

  setFile(file: FileId, rule: KernelRule): void {
    this.#files.set(encodeFile(file), encodeRule(rule));
  }

  removeFile(file: FileId): void {
    this.#files.delete(encodeFile(file));
  }

  setProcess(identity: Identity, rule: KernelRule): void {
    this.#processes.set(encodeIdentity(identity), encodeRule(rule));
  }

  removeProcess(identity: Identity): void {
    this.#processes.delete(encodeIdentity(identity));
  }

  setOwnClasses(identity: Identity, classes: Classes): void {
    this.#ownClasses.set(encodeIdentity(identity), encodeClasses(classes));
  }

  removeOwnClasses(identity: Identity): void {
    this.#ownClasses.delete(encodeIdentity(identity));
  }

  state(): RuleState {
    const value = this.#stateBytes();
    return {
      version: value.readUInt32LE(ruleStateLayout.version),
      rules: value.readUInt32LE(ruleStateLayout.rules),
      applied: value.readBigUInt64LE(ruleStateLayout.applied),
    };
  }

  /** Which saved rules the maps hold, 0 while they are being changed; counts them, and raises the version. */
  setApplied(applied: bigint): void {
    const rules = allRules(this.rules());
    this.#editState((value) => {
      raise(value, ruleStateLayout.version);
      value.writeUInt32LE(rules.length, ruleStateLayout.rules);
      value.writeUInt32LE(rules.filter(({ download }) => download !== null).length, ruleStateLayout.downloads);
      value.writeBigUInt64LE(applied, ruleStateLayout.applied);
    });
  }

  /** Lets packets pass without a look, as long as nothing comes under a limit after this epoch. */
  setQuiet(limitEpoch: number): void {
    this.#editState((value) => value.writeUInt32LE(limitEpoch, ruleStateLayout.quiet));
  }

  /** Has the driver count the connections of each process anew. */
  beginRound(): void {
    this.#editState((value) => raise(value, ruleStateLayout.round));
  }

  /**
   * `work` changes when the driver has something for the agent to do, `limitEpoch` when something may have come under
   * a limit; `unplaced` when a process has no place. `translates` is known once rules were applied.
   */
  news(): { work: bigint; limitEpoch: number; unplaced: number; translates: boolean } {
    const value = this.#news.get(Buffer.alloc(4)) ?? Buffer.alloc(agentNewsLayout.size);
    return {
      work: value.readBigUInt64LE(agentNewsLayout.work),
      limitEpoch: value.readUInt32LE(agentNewsLayout.limitEpoch),
      unplaced: value.readUInt32LE(agentNewsLayout.unplaced),
      translates: value.readUInt32LE(agentNewsLayout.translates) !== 0,
    };
  }

  #stateBytes(): Buffer {
    return this.#state.get(Buffer.alloc(4)) ?? Buffer.alloc(ruleStateLayout.size);
  }

  /** Only ever under the driver's lock: what others write meanwhile would be lost. */
  #editState(edit: (value: Buffer) => void): void {
    const value = this.#stateBytes();
    edit(value);
    this.#state.set(Buffer.alloc(4), value);
  }

  [Symbol.dispose](): void {
    const rules = [this.#paths, this.#files, this.#processes];
    for (const map of [...rules, this.#ruleClasses, this.#ownClasses, this.#state, this.#news]) map[Symbol.dispose]();
  }
}

function raise(value: Buffer, offset: number): void {
  value.writeUInt32LE((value.readUInt32LE(offset) + 1) >>> 0, offset);
}

function encodePath(path: string): Buffer {
  const key = Buffer.alloc(protocol.pathBytes);
  key.write(path);
  return key;
}

function decodePath(key: Buffer): string {
  const end = key.indexOf(0);
  return key.toString('utf8', 0, end < 0 ? key.length : end);
}

function encodeFile(file: FileId): Buffer {
  const key = Buffer.alloc(fileLayout.size);
  const [device = '', inode = ''] = file.split(':');
  key.writeBigUInt64LE(BigInt(device), fileLayout.device);
  key.writeBigUInt64LE(BigInt(inode), fileLayout.inode);
  return key;
}

function decodeFile(key: Buffer): FileId {
  return `${key.readBigUInt64LE(fileLayout.device)}:${key.readBigUInt64LE(fileLayout.inode)}`;
}

function encodeRule({ upload, download, shared, policy, number, classes }: KernelRule): Buffer {
  const value = Buffer.alloc(kernelRuleLayout.size);
  for (const [direction, rate] of [upload, download].entries()) {
    value.writeBigUInt64LE(BigInt(rate ?? protocol.unlimited), kernelRuleLayout.limit[direction]);
  }
  writeClasses(value, kernelRuleLayout.classesClassId, classes);
  value.writeUInt32LE(number, kernelRuleLayout.number);
  value.writeUInt32LE((shared ? ruleFlag.shared : 0) | (policy ? ruleFlag.policy : 0), kernelRuleLayout.flags);
  return value;
}

function decodeRule(value: Buffer): KernelRule {
  const limit = (offset: number): number | null => {
    const rate = Number(value.readBigUInt64LE(offset));
    return rate === protocol.unlimited ? null : rate;
  };
  const flags = value.readUInt32LE(kernelRuleLayout.flags);
  return {
    upload: limit(kernelRuleLayout.limit[protocol.upload]),
    download: limit(kernelRuleLayout.limit[protocol.download]),
    shared: (flags & ruleFlag.shared) !== 0,
    policy: (flags & ruleFlag.policy) !== 0,
    number: value.readUInt32LE(kernelRuleLayout.number),
    classes: readClasses(value, kernelRuleLayout.classesClassId),
  };
}

/** Where the class of each direction stands. */
type ClassOffsets = readonly [upload: number, download: number];

function encodeClasses(classes: Classes): Buffer {
  const value = Buffer.alloc(classesLayout.size);
  writeClasses(value, classesLayout.classId, classes);
  return value;
}

function writeClasses(value: Buffer, offsets: ClassOffsets, classes: Classes): void {
  for (const [direction, id] of classes.entries()) value.writeUInt32LE(id, offsets[direction]);
}

function readClasses(value: Buffer, [upload, download]: ClassOffsets): Classes {
  return [value.readUInt32LE(upload), value.readUInt32LE(download)];
}

function identityOf(key: Buffer): Identity {
  return readIdentity(new DataView(key.buffer, key.byteOffset, key.length), 0);
}
