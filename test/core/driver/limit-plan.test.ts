import assert from 'node:assert/strict';
import {
  assignOwnClasses,
  classTable,
  effectiveRules,
  fingerprint,
  numberRules,
  renewOwnClasses,
  type Rules,
} from '../../../core/driver/linux/limits/plan.js';

const none: Rules = { paths: new Map(), processes: new Map() };
const rule = (upload: number | null, download: number | null, shared = false) => ({ upload, download, shared });
const pathRule = (path: string, upload: number | null, policy = false) => ({ path, ...rule(upload, null), policy });

describe('the plan of limits', () => {
  it("takes a policy's rule before a local one for the same path", () => {
    const rules = effectiveRules([pathRule('/opt/x', 2048, true), pathRule('/opt/x', 1024), pathRule('/opt/y', 4096)]);
    assert.deepEqual(
      [...rules.values()].map(({ path, upload }) => [path, upload]),
      [
        ['/opt/x', 2048],
        ['/opt/y', 4096],
      ],
    );
    assert.notEqual(fingerprint([pathRule('/opt/x', 1024)]), fingerprint([pathRule('/opt/x', 1025)]));
  });

  it('keeps the number and the classes of a rule that is there, and gives others what is free', () => {
    const first = numberRules(none, effectiveRules([pathRule('/opt/a', 1024), pathRule('/opt/b', 1024)]), new Map());
    const second = numberRules(
      first,
      effectiveRules([pathRule('/opt/b', 2048), pathRule('/opt/c', 1024)]),
      new Map([['5:0:0:0', rule(null, 4096)]]),
    );
    const numbers = [...second.paths].map(([path, { number, classes }]) => [path, number, ...classes]);
    assert.deepEqual(numbers, [
      ['/opt/b', 2, 4, 0],
      ['/opt/c', 3, 6, 0],
    ]);
    assert.deepEqual(second.processes.get('5:0:0:0')?.classes, [0, 9]);
    assert.deepEqual(
      [...classTable(second, [])],
      [
        [4, 2048],
        [6, 1024],
        [9, 4096],
      ],
    );
  });

  it('gives all but the first process of an unshared path classes of their own', () => {
    const rules = numberRules(none, effectiveRules([pathRule('/opt/a', 1024)]), new Map());
    const member = (identity: string, startTime: number) => ({ identity, rule: 1, startTime });
    const own = assignOwnClasses([member('c', 3), member('a', 1), member('b', 2)], [], rules);
    assert.deepEqual(
      own.map(({ identity, classes }) => [identity, ...classes]),
      [
        ['b', 0x8000, 0],
        ['c', 0x8002, 0],
      ],
    );
    // The first has ended: those that have classes keep them, and a new one takes the rule's.
    const later = assignOwnClasses([member('c', 3), member('b', 2), member('d', 4)], own, rules);
    assert.deepEqual(later, own);
    assert.deepEqual([...classTable(rules, own).keys()], [2, 0x8000, 0x8002]);
  });

  it('changes them with their rule, and takes them back where it is shared', () => {
    const own = [{ identity: 'b', rule: 1, classes: [0x8000, 0] as const }];
    const current = numberRules(none, effectiveRules([pathRule('/opt/a', 1024)]), new Map());
    const both = numberRules(
      current,
      new Map([['/opt/a', { ...pathRule('/opt/a', 1024), download: 2048 }]]),
      new Map(),
    );
    assert.deepEqual(renewOwnClasses(own, both)[0]?.classes, [0x8000, 0x8001]);
    const shared = numberRules(
      current,
      new Map([['/opt/a', { ...pathRule('/opt/a', 1024), shared: true }]]),
      new Map(),
    );
    assert.deepEqual(renewOwnClasses(own, shared), []);
  });
});
