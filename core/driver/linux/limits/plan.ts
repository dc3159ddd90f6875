import { createHash } from 'node:crypto';
import { NetFlowError } from '../../../errors.js';
import { rulesInForce } from '../../../rule-in-force.js';
import type { Identity, PathRule, RuleLimits } from '../../driver.js';
import { protocol } from '../../protocol.generated.js';
import { classesFrom, pairOf, type FreePairs, type Member } from './classes.js';
import { fileOf } from './file-id.js';
import { kernelPath } from './kernel-path.js';
import { allRules, type KernelRule, type Rules } from './rule-maps.js';

const lastNumber = protocol.maxRules - 1;

/** The rules in force, by the paths that the kernel knows executables by, symbolic links resolved as they are now. */
export function effectiveRules(saved: readonly PathRule[]): Map<string, PathRule> {
  return rulesInForce(saved, kernelPath);
}

/** A number that tells these rules, and the files that they are for, from others; never 0. */
export function fingerprint(saved: readonly PathRule[]): bigint {
  const rules = [...effectiveRules(saved)].map(([path, rule]) => [path, fileOf(path), rule]);
  const digest = createHash('sha256').update(JSON.stringify(rules)).digest();
  return digest.readBigUInt64LE() | 1n;
}

/** Gives each rule its number and classes: a rule that is there keeps them, so that what waits in them stays. */
export function numberRules(
  current: Rules,
  paths: ReadonlyMap<string, PathRule>,
  processes: ReadonlyMap<Identity, RuleLimits>,
  pairs: FreePairs,
): Rules {
  const taken = new Set(allRules(current).map(({ number }) => number));
  let next = 1;
  const freeNumber = (): number => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    if (next > lastNumber) throw tooMany();
    return next;
  };
  const toRule = (limits: RuleLimits, policy: boolean, before: KernelRule | undefined): KernelRule => {
    const pair = before ? pairOf(before.classes) : pairs.take();
    if (pair === undefined) throw tooMany();
    const { upload, download, shared } = limits;
    const number = before?.number ?? freeNumber();
    return { upload, download, shared, policy, number, classes: classesFrom(pair, limits) };
  };
  return {
    paths: new Map([...paths].map(([path, rule]) => [path, toRule(rule, rule.policy, current.paths.get(path))])),
    processes: new Map(
      [...processes].map(([identity, limits]) => [identity, toRule(limits, false, current.processes.get(identity))]),
    ),
  };
}

/** Which of these processes the rules hold for, once the driver has them. */
export function membersUnder(
  { paths, processes }: Rules,
  all: readonly { identity: Identity; path: string | null }[],
): Member[] {
  return all.flatMap(({ identity, path }) => {
    const rule = processes.get(identity) ?? paths.get(path ?? '');
    return rule ? [{ identity, rule: rule.number }] : [];
  });
}

function tooMany(): NetFlowError {
  return new NetFlowError(
    'FAILED',
    "There is no room for more limits: the kernel's queue has 65,533 classes; a limit takes two, and each process of its path two more. Remove some.",
  );
}
