import type { Identity, RuleLimits } from '../../driver.js';
import { layout } from '../layout.generated.js';
import type { QueueClass } from './queue.js';
import { allRules, type Classes, type KernelRule, type LeftClasses, type Rules } from './rule-maps.js';

/** 0 and 1 are no classes of ours. */
const firstPair = 2;
const lastPair = layout.maxClasses - 2;

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

/** Those that neither a rule nor a process has, and that are not in `there`. */
export function freePairs(rules: Rules, own: ReadonlyMap<Identity, Classes>, there: Iterable<number>): FreePairs {
  const ofRules = allRules(rules).flatMap(({ classes }) => classes);
  return new FreePairs([...there, ...ofRules, ...[...own.values()].flat()]);
}

/** The even one of a pair, of which one may be missing. */
export function pairOf([upload, download]: Classes): number {
  return pairWith(upload || download);
}

function pairWith(id: number): number {
  return id & ~1;
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

/** A class that several processes of a rule began in at once, and the rate at which what they have in it is to go. */
export interface HurriedClass extends QueueClass {
  /** The rule's number. */
  rule: number;
}

/** Who has which classes from now on. */
export interface Assignment {
  rules: Rules;
  own: OwnClasses[];
  hurried: HurriedClass[];
}

/**
 * Gives each member of an unshared path rule classes of its own, and the rule new ones where the driver may have put
 * somebody in what it had: whoever comes next finds nothing waiting there. One that was there alone keeps them, as does
 * what one has left that has ended. Where none are free any more, members go on in the rule's.
 */
export function assignOwnClasses(
  members: readonly Member[],
  { own: before, left }: { own: ReadonlyMap<Identity, Classes>; left: LeftClasses },
  rules: Rules,
  pairs: FreePairs,
): Assignment {
  const pairOfMember = new Map([...before].map(([identity, classes]) => [identity, pairOf(classes)]));
  const given = new Set([...pairOfMember.values(), ...[...left.keys()].map(pairWith)]);
  const newByRule = groupByRule(members.filter(({ identity }) => !before.has(identity)));
  const hurried: HurriedClass[] = [];
  const renew = (rule: KernelRule): KernelRule => {
    const pair = pairOf(rule.classes);
    const isGiven = given.has(pair); // to one that has ended, or by somebody who was killed before the rule had new ones
    const newcomers = newByRule.get(rule.number) ?? [];
    if (rule.shared || (newcomers.length === 0 && !isGiven)) return rule;
    const next = pairs.take();
    if (next === undefined) return rule;
    const isAlone = newcomers.length === 1 && !isGiven;
    for (const { identity } of newcomers) {
      const own = isAlone ? pair : pairs.take();
      if (own !== undefined) pairOfMember.set(identity, own);
    }
    if (newcomers.length > 1) hurried.push(...hurry(rule, newcomers.length + Number(isGiven)));
    return { ...rule, classes: classesFrom(next, rule) };
  };
  const paths = new Map([...rules.paths].map(([path, rule]) => [path, renew(rule)]));
  const unshared = new Map([...paths.values()].filter(({ shared }) => !shared).map((rule) => [rule.number, rule]));
  const own = members.flatMap(({ identity, rule: number }) => {
    const rule = unshared.get(number);
    const pair = pairOfMember.get(identity);
    return rule && pair !== undefined ? [{ identity, rule: number, classes: classesFrom(pair, rule) }] : [];
  });
  return { rules: { ...rules, paths }, own, hurried };
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

function hurry(rule: KernelRule, processes: number): HurriedClass[] {
  return queueClasses(rule.classes, rule).map(({ id, rate }) => ({ id, rate: processes * rate, rule: rule.number }));
}

/** These classes with the rates of the limits. */
function queueClasses(classes: Classes, { upload, download }: RuleLimits): QueueClass[] {
  return [upload, download].flatMap((rate, direction) => {
    const id = classes[direction] ?? 0;
    return id === 0 || rate === null ? [] : [{ id, rate }];
  });
}

/** Every class there is to be, with its rate. */
export function classTable(rules: Rules, own: readonly OwnClasses[], left: LeftClasses): Map<number, number> {
  const byNumber = new Map(allRules(rules).map((rule) => [rule.number, rule]));
  const under = (number: number, classes: Classes): QueueClass[] => {
    const rule = byNumber.get(number);
    return rule ? queueClasses(classes, rule) : [];
  };
  const all = [
    ...[...left].flatMap(([id, number]) => under(number, id % 2 === 0 ? [id, 0] : [0, id])),
    ...[...byNumber.values()].flatMap((rule) => queueClasses(rule.classes, rule)),
    ...own.flatMap(({ rule, classes }) => under(rule, classes)),
  ];
  return new Map(all.map(({ id, rate }) => [id, rate]));
}

export function toClasses(table: ReadonlyMap<number, number>): QueueClass[] {
  return [...table].map(([id, rate]) => ({ id, rate }));
}
