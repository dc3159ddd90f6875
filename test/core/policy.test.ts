import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PathRule } from '../../core/driver/driver.js';
import { applyPolicy, exportPolicy, planPolicy, removePolicy, testPolicy, updatePolicy } from '../../core/policy.js';
import type { PolicyRule } from '../../core/records.js';
import { MemoryDriver } from '../support/memory-driver.js';

const rule = (path: string, upload: number | null, more: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ path, upload, download: null, shared: false },
  ...more,
});
const byHand = (path: string, upload: number): PathRule => ({ ...rule(path, upload), policy: false });
const ofPolicy = (path: string, upload: number): PathRule => ({ ...rule(path, upload), policy: true });

describe('a policy', () => {
  let folder = '';
  let driver: MemoryDriver;
  let warnings: string[] = [];
  const calls = { start: () => driver.start(), onWarning: (message: string) => void warnings.push(message) };
  const file = (name: string, ...lines: string[]): string => {
    writeFileSync(join(folder, name), ['Path,Upload,Download,Shared', ...lines, ''].join('\n'));
    return join(folder, name);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netflow-policy-'));
    driver = new MemoryDriver();
    warnings = [];
    driver.pathRules = [byHand('/hand', 1024), ofPolicy('/a', 1024), ofPolicy('/b', 1024), ofPolicy('/c', 1024)];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('replaces the one before, leaves what was set by hand, and says what it changed', async () => {
    assert.deepEqual(await applyPolicy(driver, file('new.csv', '/a,2KB,,', '/b,1KB,,', '/d,1KB,,yes'), calls), [
      { path: '/a', expected: rule('/a', 2048), actual: rule('/a', 1024) },
      { path: '/c', expected: null, actual: rule('/c', 1024) },
      { path: '/d', expected: rule('/d', 1024, { shared: true }), actual: null },
    ]);
    assert.deepEqual(driver.pathRules, [
      byHand('/hand', 1024),
      ofPolicy('/a', 2048),
      ofPolicy('/b', 1024),
      { ...ofPolicy('/d', 1024), shared: true },
    ]);
    assert.deepEqual(await applyPolicy(driver, join(folder, 'new.csv'), calls), []);
  });

  it('says what it would change, and changes nothing', async () => {
    const planned = await planPolicy(driver, file('new.csv', '/a,2KB,,', '/b,1KB,,'));
    assert.deepEqual(driver.calls, ['readRules']);
    assert.deepEqual(planned, await applyPolicy(driver, join(folder, 'new.csv'), calls));
    assert.equal(planned.length, 2);
    assert.deepEqual(await planPolicy(driver), [], 'the machine has none');
  });

  it('says of new rules for whom they can not hold, or not yet', async () => {
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    const rules = [...['/1', '/2', '/3', '/4', script].map((path) => `${path},1KB,,`), `${process.execPath},1KB,,`];
    await applyPolicy(driver, file('doubtful.csv', ...rules), calls);
    assert.match(warnings[0] ?? '', /script" is a script, and what runs is its interpreter, "\/bin\/sh"/u);
    assert.deepEqual(warnings.slice(1), [
      'Not there yet: "/1", "/2", "/3" and 1 more. Limits hold for what comes there.',
    ]);
    await applyPolicy(driver, join(folder, 'doubtful.csv'), calls);
    assert.equal(warnings.length, 2, 'once');
  });

  it('is removed, and what was set by hand stays', async () => {
    assert.equal((await removePolicy(driver, calls)).length, 3);
    assert.deepEqual(driver.pathRules, [byHand('/hand', 1024)]);
    assert.ok(!driver.calls.includes('start'));
  });

  it('that is wrong anywhere neither changes nor starts anything', async () => {
    for (const name of [file('wrong.csv', '/a,2KB,,', '/d,10Mbps,,'), join(folder, 'none.csv'), folder]) {
      await assert.rejects(applyPolicy(driver, name, calls), { name: 'NetFlowError' });
    }
    assert.deepEqual(driver.calls, []);
  });

  it('is tested against the rules in force, be they set by a policy or by hand', async () => {
    driver.pathRules.push(byHand('/a', 9999));
    const expected = file('test.csv', '/a,1KB,,', '/b,2KB,,', '/hand,1KB,,', '/d,1KB,,');
    assert.deepEqual(await testPolicy(driver, expected), [
      { path: '/b', expected: rule('/b', 2048), actual: rule('/b', 1024) },
      { path: '/c', expected: null, actual: rule('/c', 1024) },
      { path: '/d', expected: rule('/d', 1024), actual: null },
    ]);
    assert.deepEqual(driver.calls, ['readRules']);
  });

  for (const name of ['out.csv', 'out.json']) {
    it(`that is exported is in force where it is tested, ${name}, whatever the order of rules`, async () => {
      driver.pathRules = [ofPolicy('/b', 4096), byHand('/b', 1024), byHand('/a', 2048)];
      const rules = await exportPolicy(driver, join(folder, name));
      assert.deepEqual(rules, [rule('/a', 2048), rule('/b', 4096)]);
      assert.deepEqual(await testPolicy(driver, join(folder, name)), []);
    });
  }

  it('is written in place of a file with its mode, and leaves nothing where it can not be written', async () => {
    const there = file('there.csv');
    chmodSync(there, 0o640);
    await exportPolicy(driver, there);
    assert.equal(statSync(there).mode & 0o777, 0o640);
    assert.match(readFileSync(there, 'utf8'), /^\/hand,1KB,none,false$/m);
    mkdirSync(join(folder, 'folder.csv'));
    await assert.rejects(exportPolicy(driver, join(folder, 'folder.csv')), {
      code: 'FAILED',
      message: /folder\.csv can't be written: illegal operation on a directory\.$/,
    });
    assert.deepEqual(readdirSync(folder), ['folder.csv', 'there.csv']);
  });

  it('of the machine replaces another one, takes all rules away, or says nothing', async () => {
    const before = driver.pathRules;
    assert.deepEqual(await updatePolicy(driver, calls), []);
    assert.equal(driver.pathRules, before);
    driver.machinePolicy = [rule('/a', 1024)];
    assert.equal((await updatePolicy(driver, calls)).length, 2);
    driver.machinePolicy = [];
    assert.deepEqual(await updatePolicy(driver, calls), [{ path: '/a', expected: null, actual: rule('/a', 1024) }]);
    assert.deepEqual(driver.pathRules, [byHand('/hand', 1024)]);
  });

  it('of the machine goes with its source, and one from a file stays', async () => {
    driver.machinePolicy = [rule('/a', 1024)];
    await updatePolicy(driver, calls);
    driver.machinePolicy = null;
    assert.equal((await planPolicy(driver)).length, 1);
    assert.equal((await updatePolicy(driver, calls)).length, 1);
    assert.deepEqual(driver.pathRules, [byHand('/hand', 1024)]);
    driver.machinePolicy = [rule('/a', 1024)];
    await updatePolicy(driver, calls);
    await applyPolicy(driver, file('new.csv', '/b,1KB,,'), calls);
    driver.machinePolicy = null;
    assert.deepEqual(await updatePolicy(driver, calls), []);
  });
});
