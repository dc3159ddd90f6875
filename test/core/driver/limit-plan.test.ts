import assert from 'node:assert/strict';
import {
  assignOwnClasses,
  classTable,
  FreePairs,
  type Member,
  type OwnClasses,
} from '../../../core/driver/linux/limits/classes.js';
import { effectiveRules, fingerprint, membersUnder, numberRules } from '../../../core/driver/linux/limits/plan.js';
import { allRules, type Rules } from '../../../core/driver/linux/limits/rule-maps.js';

const none: Rules = { paths: new Map(), processes: new Map() };
const rule = (upload: number | null, download: number | null, shared = false) => ({ upload, download, shared });
const pathRule = (path: string, upload: number | null, policy = false) => ({ path, ...rule(upload, null), policy });
const member = (identity: string): Member => ({ identity, rule: 1 });
const oneRule = numberRules(none, effectiveRules([pathRule('/opt/a', 1024)]), new Map(), new FreePairs([]));

/** As core does it: what the rules and the processes have is not free. */
function assign(members: readonly Member[], before: readonly OwnClasses[], rules: Rules) {
  const own = new Map(before.map(({ identity, classes }) => [identity, classes]));
  const taken = [
    ...allRules(rules).flatMap(({ classes, ended }) => [...classes, ...ended]),
    ...[...own.values()].flat(),
  ];
  return assignOwnClasses(members, own, rules, new FreePairs(taken));
}

/** The classes for uploads of the rule and of each process. */
function shown({ rules, own }: { rules: Rules; own: readonly OwnClasses[] }): Record<string, number> {
  const { classes, ended } = rules.paths.get('/opt/a') ?? {};
  const ofProcesses = own.map(({ identity, classes: [upload] }) => [identity, upload] as const);
  return { rule: classes?.[0] ?? 0, ended: ended?.[0] ?? 0, ...Object.fromEntries(ofProcesses) };
}

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
    const first = numberRules(
      none,
      effectiveRules([pathRule('/opt/a', 1024), pathRule('/opt/b', 1024)]),
      new Map(),
      new FreePairs([]),
    );
    const second = numberRules(
      first,
      effectiveRules([pathRule('/opt/b', 2048), pathRule('/opt/c', 1024)]),
      new Map([['5:0:0:0', rule(null, 4096)]]),
      new FreePairs([2, 4, 6, 8]),
    );
    const numbers = [...second.paths].map(([path, { number, classes, ended }]) => [path, number, ...classes, ...ended]);
    assert.deepEqual(numbers, [
      ['/opt/b', 2, 6, 0, 8, 0],
      ['/opt/c', 3, 10, 0, 12, 0],
    ]);
    assert.deepEqual(second.processes.get('5:0:0:0')?.classes, [0, 15]);
    assert.deepEqual(
      [...classTable(second, [])],
      [
        [6, 2048],
        [8, 2048],
        [10, 1024],
        [12, 1024],
        [15, 4096],
      ],
    );
  });

  it('gives a process of an unshared path the classes that its rule has, and the rule new ones', () => {
    const first = assign([member('a')], [], oneRule);
    assert.deepEqual(shown(first), { rule: 6, ended: 4, a: 2 });
    const second = assign([member('a'), member('b')], first.own, first.rules);
    assert.deepEqual(shown(second), { rule: 8, ended: 4, a: 2, b: 6 });
    assert.deepEqual([first.left, second.left], [[], []]);
    // One has ended: the other keeps what it has, and so does the rule.
    assert.deepEqual(shown(assign([member('b')], second.own.slice(1), second.rules)), { rule: 8, ended: 4, b: 6 });
  });

  it('gives new ones to all that came at once, and lets them move together what waits where they were', () => {
    const both = assign([member('a'), member('b'), member('c')], [], oneRule);
    assert.deepEqual(shown(both), { rule: 6, ended: 4, a: 8, b: 10, c: 12 });
    assert.deepEqual(both.left, [{ id: 2, rate: 3 * 1024 }]);
    assert.deepEqual([...classTable(both.rules, both.own).keys()], [6, 4, 8, 10, 12]);
  });

  it('gives a rule new classes whose own were given away by somebody who was killed then', () => {
    const killed: OwnClasses[] = [{ identity: 'a', rule: 1, classes: [2, 0] }];
    const mended = assign([member('a'), member('b')], killed, oneRule);
    assert.deepEqual(shown(mended), { rule: 6, ended: 4, a: 2, b: 8 });
    assert.deepEqual(mended.left, []);
  });

  it('changes them with their rule, and takes them back where it is shared', () => {
    const { rules, own } = assign([member('a')], [], oneRule);
    const again = (limits: object) => {
      const paths = new Map([['/opt/a', { ...pathRule('/opt/a', 1024), ...limits }]]);
      return assign([member('a')], own, numberRules(rules, paths, new Map(), new FreePairs([2, 4, 6])));
    };
    const both = again({ download: 2048 });
    assert.deepEqual(both.own[0]?.classes, [2, 3]);
    assert.deepEqual(both.rules.paths.get('/opt/a')?.classes, [6, 7]);
    const together = again({ shared: true });
    assert.deepEqual(shown(together), { rule: 6, ended: 6 });
    const apart = numberRules(together.rules, effectiveRules([pathRule('/opt/a', 1)]), new Map(), new FreePairs([6]));
    assert.deepEqual(shown({ rules: apart, own: [] }), { rule: 6, ended: 2 });
  });

  it('leaves processes together in the classes of their rule where no more are free', () => {
    const own = new FreePairs(Array.from({ length: 0x8000 - 1 }, (_, pair) => 2 * pair));
    assert.equal(own.take(), 0xfffe);
    assert.equal(own.take(), undefined);
    const { rules } = assignOwnClasses([member('a'), member('b')], new Map(), oneRule, own);
    assert.deepEqual(shown({ rules, own: [] }), { rule: 2, ended: 4 });
  });

  it('finds the processes that rules will hold for: one for the process before one for its path', () => {
    const rules = numberRules(
      none,
      effectiveRules([pathRule('/opt/a', 1024)]),
      new Map([['b', rule(512, null)]]),
      new FreePairs([]),
    );
    const process = (identity: string, path: string | null) => ({ identity, path });
    const all = [process('a', '/opt/a'), process('b', '/opt/a'), process('c', '/opt/c'), process('d', null)];
    assert.deepEqual(
      membersUnder(rules, all).map(({ identity, rule: number }) => [identity, number]),
      [
        ['a', 1],
        ['b', 2],
      ],
    );
  });
});
