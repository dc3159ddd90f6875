import type { PathRule } from './driver/driver.js';

/** Picks the rule in force for each path, by the path's key: the policy's over a local one. */
export function rulesInForce(rules: readonly PathRule[], key: (path: string) => string): Map<string, PathRule> {
  const policyLast = rules.toSorted((a, b) => Number(a.policy) - Number(b.policy));
  return new Map(policyLast.map((rule) => [key(rule.path), rule]));
}
