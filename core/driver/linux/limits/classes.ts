import type { Identity, RuleLimits } from '../../driver.js';
import type { QueueClass } from './queue.js';
import { allRules, type Classes, type KernelRule, type Rules } from './rule-maps.js';

/** HTB's numbers have 16 bits; 0 and 1 are no classes of ours. */
const firstPair = 2;
const lastPair = 0xfffe;

/** Numbers of classes that nobody has, in pairs: upload's is even, download's is the one after it. */
export class FreePairs {
  readonly #taken: Set<number>;
  #next = firstPair;

  constructor(taken: Iterable<number>) {
    this.#taken = new Set(taken);
  }

  /** Undefined where there is none any more. */
  take(): number | undefined {
    while (this.#taken.has(this.#next) || this.#taken.has(this.#next + 1)) this.#next += 2;
    if (this.#next > lastPair) return undefined;
    this.#next += 2;
    return this.#next - 2;
  }
}

/** The even one of a pair, of which one may be missing. */
export function pairOf([upload, download]: Classes): number {
  return (upload || download) & ~1;
}

export function classesFrom(pair: number, { upload, download }: RuleLimits): Classes {
  return [upload === null ? 0 : pair, download === null ? 0 : pair + 1];
}

/** A process that a rule holds for. */
export interface Member {
  identity: Identity;
  /** The rule's number. */
  rule: number;
}

/** A process with classes of its own under a path rule, and that rule's number. */
export interface OwnClasses {
  identity: Identity;
  rule: number;
  classes: Classes;
}

/** What each member has, of those that have classes of their own. */
export function ownClassesOf(members: readonly Member[], own: ReadonlyMap<Identity, Classes>): OwnClasses[] {
  return members.flatMap(({ identity, rule }) => {
    const classes = own.get(identity);
    return classes ? [{ identity, rule, classes }] : [];
  });
}

/** Who has which classes from now on. */
export interface Assignment {
  rules: Rules;
  own: OwnClasses[];
  /** What processes that came at once had together until now, and what they may move together. */
  left: QueueClass[];
}

/**
 * Gives each member of an unshared path rule classes of its own, and the rule new ones where the driver may have put
 * somebody in what it had: whoever comes next finds nothing waiting there. One that was there alone keeps them. Where
 * none are free any more, members go on in the rule's.
 */
export function assignOwnClasses(
  members: readonly Member[],
  before: ReadonlyMap<Identity, Classes>,
  rules: Rules,
  pairs: FreePairs,
): Assignment {
  const pairOfMember = new Map([...before].map(([identity, classes]) => [identity, pairOf(classes)]));
  const given = new Set(pairOfMember.values());
  const newByRule = groupByRule(members.filter(({ identity }) => !before.has(identity)));
  const left: QueueClass[] = [];
  const renew = (rule: KernelRule): KernelRule => {
    const pair = pairOf(rule.classes);
    const isGiven = given.has(pair); // by somebody who was killed before the rule had new ones
    const newcomers = newByRule.get(rule.number) ?? [];
    if (rule.shared || (newcomers.length === 0 && !isGiven)) return rule;
    const next = pairs.take();
    if (next === undefined) return rule;
    const isAlone = newcomers.length === 1 && !isGiven;
    for (const { identity } of newcomers) {
      const own = isAlone ? pair : pairs.take();
      if (own !== undefined) pairOfMember.set(identity, own);
    }
    if (newcomers.length > 1 && !isGiven) left.push(...queueClasses(rule.classes, rule, newcomers.length));
    return { ...rule, classes: classesFrom(next, rule) };
  };
  const paths = new Map([...rules.paths].map(([path, rule]) => [path, renew(rule)]));
  const unshared = new Map([...paths.values()].filter(({ shared }) => !shared).map((rule) => [rule.number, rule]));
  const own = members.flatMap(({ identity, rule: number }) => {
    const rule = unshared.get(number);
    const pair = pairOfMember.get(identity);
    return rule && pair !== undefined ? [{ identity, rule: number, classes: classesFrom(pair, rule) }] : [];
  });
  return { rules: { ...rules, paths }, own, left };
}

function groupByRule(members: readonly Member[]): Map<number, Member[]> {
  const groups = new Map<number, Member[]>();
  for (const member of members) {
    const group = groups.get(member.rule);
    if (group) group.push(member);
    else groups.set(member.rule, [member]);
  }
  return groups;
}

/** These classes with the rates of the limits, times a number of processes that have them together. */
function queueClasses(classes: Classes, { upload, download }: RuleLimits, times = 1): QueueClass[] {
  return [upload, download].flatMap((rate, direction) => {
    const id = classes[direction] ?? 0;
    return id === 0 || rate === null ? [] : [{ id, rate: times * rate }];
  });
}

/** Every class there is to be, with its rate. */
export function classTable(rules: Rules, own: readonly OwnClasses[]): Map<number, number> {
  const byNumber = new Map(allRules(rules).map((rule) => [rule.number, rule]));
  const ofProcesses = own.flatMap(({ rule: number, classes }) => {
    const rule = byNumber.get(number);
    return rule ? queueClasses(classes, rule) : [];
  });
  const ofRules = [...byNumber.values()].flatMap((rule) => [
    ...queueClasses(rule.classes, rule),
    ...queueClasses(rule.ended, rule),
  ]);
  return new Map([...ofRules, ...ofProcesses].map(({ id, rate }) => [id, rate]));
}

export function toClasses(table: ReadonlyMap<number, number>): QueueClass[] {
  return [...table].map(([id, rate]) => ({ id, rate }));
}
