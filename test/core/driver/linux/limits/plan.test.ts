import assert from 'node:assert/strict';
import {
  assignOwnClasses,
  classTable,
  FreePairs,
  type Member,
  type OwnClasses,
} from '../../../../../core/driver/linux/limits/classes.js';
import {
  effectiveRules,
  fingerprint,
  membersUnder,
  numberRules,
} from '../../../../../core/driver/linux/limits/plan.js';
import { allRules, type LeftClasses, type Rules } from '../../../../../core/driver/linux/limits/rule-maps.js';

const none: Rules = { paths: new Map(), processes: new Map() };
const rule = (upload: number | null, download: number | null, shared = false) => ({ upload, download, shared });
const pathRule = (path: string, upload: number | null, policy = false) => ({ path, ...rule(upload, null), policy });
const member = (identity: string): Member => ({ identity, rule: 1 });
const oneRule = numberRules(none, effectiveRules([pathRule('/opt/a', 1024)]), new Map(), new FreePairs([]));

/** As core does it: what the rules and the processes have is not free. */
function assign(
  members: readonly Member[],
  before: readonly OwnClasses[],
  rules: Rules,
  left: LeftClasses = new Map(),
) {
  const own = new Map(before.map(({ identity, classes }) => [identity, classes]));
  const taken = [...allRules(rules).flatMap(({ classes }) => classes), ...[...own.values()].flat(), ...left.keys()];
  return assignOwnClasses(members, { own, left }, rules, new FreePairs(taken));
}

/** The classes for uploads of the rule and of each process. */
function shown({ rules, own }: { rules: Rules; own: readonly OwnClasses[] }): Record<string, number> {
  const { classes } = rules.paths.get('/opt/a') ?? {};
  const ofProcesses = own.map(({ identity, classes: [upload] }) => [identity, upload] as const);
  return { rule: classes?.[0] ?? 0, ...Object.fromEntries(ofProcesses) };
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
      new FreePairs([2, 4]),
    );
    const numbers = [...second.paths].map(([path, { number, classes }]) => [path, number, ...classes]);
    assert.deepEqual(numbers, [
      ['/opt/b', 2, 4, 0],
      ['/opt/c', 3, 6, 0],
    ]);
    assert.deepEqual(second.processes.get('5:0:0:0')?.classes, [0, 9]);
    assert.deepEqual(
      [...classTable(second, [], new Map())],
      [
        [4, 2048],
        [6, 1024],
        [9, 4096],
      ],
    );
  });

  it('gives a process of an unshared path the classes that its rule has, and the rule new ones', () => {
    const first = assign([member('a')], [], oneRule);
    assert.deepEqual(shown(first), { rule: 4, a: 2 });
    const second = assign([member('a'), member('b')], first.own, first.rules);
    assert.deepEqual(shown(second), { rule: 6, a: 2, b: 4 });
    assert.deepEqual([first.hurried, second.hurried], [[], []]);
    // One has ended: the other keeps what it has, and so does the rule.
    assert.deepEqual(shown(assign([member('b')], second.own.slice(1), second.rules)), { rule: 6, b: 4 });
  });

  it('gives new ones to all that came at once, and lets them move together what waits where they were', () => {
    const both = assign([member('a'), member('b'), member('c')], [], oneRule);
    assert.deepEqual(shown(both), { rule: 4, a: 6, b: 8, c: 10 });
    assert.deepEqual(both.hurried, [{ id: 2, rate: 3 * 1024, rule: 1 }]);
    assert.deepEqual([...classTable(both.rules, both.own, new Map()).keys()], [4, 6, 8, 10]);
  });

  it('leaves to what a process has left that has ended the classes that it had, and nobody else them', () => {
    const left = new Map([[2, 1]]);
    const alone = assign([], [], oneRule, left);
    assert.deepEqual(shown(alone), { rule: 4 });
    assert.deepEqual(
      [...classTable(alone.rules, [], left)],
      [
        [2, 1024],
        [4, 1024],
      ],
    );
    const withOne = assign([member('b')], [], oneRule, left);
    assert.deepEqual(shown(withOne), { rule: 4, b: 6 });
    assert.deepEqual(withOne.hurried, []);
    const withTwo = assign([member('b'), member('c')], [], oneRule, left);
    assert.deepEqual(withTwo.hurried, [{ id: 2, rate: 3 * 1024, rule: 1 }]);
    assert.deepEqual([...classTable(none, [], left)], []);
  });

  it('gives a rule new classes whose own were given away by somebody who was killed then', () => {
    const killed: OwnClasses[] = [{ identity: 'a', rule: 1, classes: [2, 0] }];
    const mended = assign([member('a'), member('b')], killed, oneRule);
    assert.deepEqual(shown(mended), { rule: 4, a: 2, b: 6 });
  });

  it('changes them with their rule, and takes them back where it is shared', () => {
    const { rules, own } = assign([member('a')], [], oneRule);
    const again = (limits: object) => {
      const paths = new Map([['/opt/a', { ...pathRule('/opt/a', 1024), ...limits }]]);
      return assign([member('a')], own, numberRules(rules, paths, new Map(), new FreePairs([2, 4])));
    };
    const both = again({ download: 2048 });
    assert.deepEqual(both.own[0]?.classes, [2, 3]);
    assert.deepEqual(both.rules.paths.get('/opt/a')?.classes, [4, 5]);
    assert.deepEqual(shown(again({ shared: true })), { rule: 4 });
  });

  it('leaves processes together in the classes of their rule where no more are free', () => {
    const own = new FreePairs(Array.from({ length: 0x8000 - 1 }, (_, pair) => 2 * pair));
    assert.equal(own.take(), 0xfffe);
    assert.equal(own.take(), undefined);
    const { rules } = assignOwnClasses([member('a'), member('b')], { own: new Map(), left: new Map() }, oneRule, own);
    assert.deepEqual(shown({ rules, own: [] }), { rule: 2 });
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
