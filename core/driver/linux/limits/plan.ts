import { createHash } from 'node:crypto';
import { NetFlowError } from '../../../errors.js';
import type { Identity, PathRule, RuleLimits } from '../../driver.js';
import { kernelPath } from './kernel-path.js';
import type { QueueClass } from './queue.js';
import type { Classes, KernelRule } from './rule-maps.js';

/** Rules have the classes 2n and 2n + 1, single processes those from here on. */
const firstOwnClass = 0x8000;
const lastClass = 0xffff;

/** The rules of the kernel's maps, or as they are to be. */
export interface Rules {
  paths: Map<string, KernelRule>;
  processes: Map<Identity, KernelRule>;
}

/** A process with classes of its own under a path rule, and that rule's number. */
export interface OwnClasses {
  identity: Identity;
  rule: number;
  classes: Classes;
}

/**
 * The rules by the paths that the kernel knows executables by, symbolic links resolved as they are now. Of rules for
 * the same path the policy's holds.
 */
export function effectiveRules(saved: readonly PathRule[]): Map<string, PathRule> {
  const local = saved.filter(({ policy }) => !policy);
  const ofPolicy = saved.filter(({ policy }) => policy);
  return new Map([...local, ...ofPolicy].map((rule) => [kernelPath(rule.path), rule]));
}

/** A number that tells these rules from others, never 0. */
export function fingerprint(saved: readonly PathRule[]): bigint {
  const digest = createHash('sha256')
    .update(JSON.stringify([...effectiveRules(saved)]))
    .digest();
  return digest.readBigUInt64LE() | 1n;
}

/** Gives each rule its number and classes: a rule that is there keeps them, so that what waits in them stays. */
export function numberRules(
  current: Rules,
  paths: ReadonlyMap<string, PathRule>,
  processes: ReadonlyMap<Identity, RuleLimits>,
): Rules {
  const taken = new Set([...current.paths.values(), ...current.processes.values()].map(({ number }) => number));
  let next = 1;
  const free = (): number => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    if (2 * next + 1 >= firstOwnClass) throw tooMany();
    return next;
  };
  const toRule = (limits: RuleLimits, policy: boolean, number: number): KernelRule => ({
    upload: limits.upload,
    download: limits.download,
    shared: limits.shared,
    policy,
    number,
    classes: classesFrom(2 * number, limits),
  });
  return {
    paths: new Map(
      [...paths].map(([path, rule]) => [path, toRule(rule, rule.policy, current.paths.get(path)?.number ?? free())]),
    ),
    processes: new Map(
      [...processes].map(([identity, limits]) => [
        identity,
        toRule(limits, false, current.processes.get(identity)?.number ?? free()),
      ]),
    ),
  };
}

/** What processes that had classes of their own have under these rules; one whose rule has gone, or is shared, has none. */
export function renewOwnClasses(own: readonly OwnClasses[], rules: Rules): OwnClasses[] {
  const byNumber = rulesByNumber(rules);
  return own.flatMap(({ identity, rule: number, classes }) => {
    const rule = byNumber.get(number);
    if (!rule || rule.shared) return [];
    return [{ identity, rule: number, classes: classesFrom(firstOf(classes), rule) }];
  });
}

/** A process that a rule holds for. */
export interface Member {
  identity: Identity;
  /** The rule's number. */
  rule: number;
  startTime: number;
}

/** The members of each unshared path rule: all but the first of them get classes of their own. */
export function assignOwnClasses(members: readonly Member[], own: readonly OwnClasses[], rules: Rules): OwnClasses[] {
  const paths = new Map([...rules.paths.values()].map((rule) => [rule.number, rule]));
  const having = new Map(own.map((each) => [each.identity, each]));
  const taken = new Set(own.map(({ classes }) => firstOf(classes)));
  const holders = new Set<number>();
  const assigned: OwnClasses[] = [];
  let next = firstOwnClass;
  for (const { identity, rule: number } of members.toSorted((a, b) => a.startTime - b.startTime)) {
    const rule = paths.get(number);
    if (!rule || rule.shared) continue;
    const before = having.get(identity);
    if (before) assigned.push(before);
    else if (!holders.has(number)) holders.add(number);
    else {
      while (taken.has(next) && next < lastClass) next += 2;
      if (next >= lastClass) continue; // it goes on sharing the rule's
      taken.add(next);
      assigned.push({ identity, rule: number, classes: classesFrom(next, rule) });
    }
  }
  return assigned;
}

/** Every class there is to be, with its rate. */
export function classTable(rules: Rules, own: readonly OwnClasses[]): Map<number, number> {
  const table = new Map<number, number>();
  const add = (classes: Classes, { upload, download }: RuleLimits): void => {
    for (const [direction, rate] of [upload, download].entries()) {
      const id = classes[direction] ?? 0;
      if (id !== 0 && rate !== null) table.set(id, rate);
    }
  };
  for (const rule of [...rules.paths.values(), ...rules.processes.values()]) add(rule.classes, rule);
  const byNumber = rulesByNumber(rules);
  for (const { rule: number, classes } of own) {
    const rule = byNumber.get(number);
    if (rule) add(classes, rule);
  }
  return table;
}

export function toClasses(table: ReadonlyMap<number, number>): QueueClass[] {
  return [...table].map(([id, rate]) => ({ id, rate }));
}

function rulesByNumber({ paths, processes }: Rules): Map<number, KernelRule> {
  return new Map([...paths.values(), ...processes.values()].map((rule) => [rule.number, rule]));
}

function classesFrom(first: number, { upload, download }: RuleLimits): Classes {
  return [upload === null ? 0 : first, download === null ? 0 : first + 1];
}

/** The even one of a pair, of which one may be missing. */
function firstOf([upload, download]: Classes): number {
  return (upload || download) & ~1;
}

function tooMany(): NetFlowError {
  return new NetFlowError('FAILED', 'There is no room for more rules: 16,383 are the most.');
}
