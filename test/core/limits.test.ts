import assert from 'node:assert/strict';
import type { PathRule } from '../../core/driver/driver.js';
import type { Connection } from '../../core/records.js';
import { windowsPaths } from '../../core/driver/windows/executable-paths.js';
import { listLimits, removeLimits, setLimit, type LimitChange, type LimitTarget } from '../../core/limits.js';
import { connectionRecord, MemoryDriver, processRecord } from '../support/memory-driver.js';

const path = '/opt/none/program';

describe('limits', () => {
  let driver: MemoryDriver;
  let warnings: string[];
  const set = (target: LimitTarget, change: LimitChange) =>
    setLimit(driver, target, change, {
      start: () => driver.start(),
      onWarning: (message) => void warnings.push(message),
    });
  const rule = (changes: Partial<PathRule> = {}): PathRule => ({
    ...{ path, upload: 1024, download: null, shared: false, policy: false },
    ...changes,
  });

  beforeEach(() => {
    warnings = [];
    driver = new MemoryDriver();
    driver.processes = [processRecord({ processId: 7 }), processRecord({ processId: 8, path })];
  });

  it('are set for a path, changed, and keep what is not given', async () => {
    await set({ path }, { upload: 2048, shared: true });
    assert.deepEqual(await set({ path }, { download: 4096 }), {
      ...{ target: 'path', processId: null, path, uploadLimit: 2048, downloadLimit: 4096 },
      ...{ shared: true, source: 'local', processes: 1 },
    });
    await set({ path }, { upload: null });
    assert.deepEqual(driver.pathRules, [rule({ upload: null, download: 4096, shared: true })]);
  });

  it('are set for what is not there yet with a word about it', async () => {
    await set({ path }, { upload: 2048 });
    await set({ path: process.execPath }, { upload: 2048 });
    assert.deepEqual(warnings, [`There is no "${path}" yet: the limit will hold for what comes there.`]);
  });

  it('are set with a word about what the program starts, which has no part in them', async () => {
    await set({ path: '/opt/none/git' }, { upload: 2048 });
    assert.equal(
      warnings[1],
      'git starts others that transfer for it, which need limits too: git-remote-http and ssh.',
    );
    await set({ path: '/opt/none/constructor' }, { upload: 2048 });
    assert.equal(warnings.length, 3);
  });

  it('are set for a process, changed, and keep what is not given', async () => {
    await set({ processId: 7 }, { upload: 2048 });
    assert.deepEqual(await set({ processId: 7 }, { download: 4096 }), {
      ...{ target: 'process', processId: 7, path: null, uploadLimit: 2048, downloadLimit: 4096 },
      ...{ shared: false, source: 'local', processes: 1 },
    });
  });

  it('are set with a word about what they do not hold, for those whom it concerns', async () => {
    driver.doubts = ['by the machine'];
    const socket = (processId: number, protocol: Connection['protocol']) => connectionRecord({ processId, protocol });
    driver.connections = [socket(7, 'tcp'), socket(8, 'raw'), socket(8, 'packet'), socket(9, 'icmp')];
    await set({ processId: 7 }, { upload: 2048 });
    assert.deepEqual(warnings.splice(0), ['by the machine']);
    await set({ path }, { upload: 2048 });
    const sockets = 'Limits are for TCP and UDP, and process 8 also has raw, packet sockets.';
    assert.deepEqual(warnings.slice(1), ['by the machine', sockets]);
    await set({ path }, { upload: null });
    assert.equal(warnings.length, 4, 'no limit, no doubt but that about the path');
    driver.fail('readConnections', new Error('no memory'));
    assert.equal((await set({ processId: 7 }, { upload: 4096 })).uploadLimit, 4096);
    assert.match(warnings.at(-1) ?? '', /^The limit is set; .* could not be checked: no memory$/u);
  });

  it('of a path are beside what a policy has for it', async () => {
    driver.pathRules = [rule({ policy: true, upload: 9999 })];
    const limit = await set({ path }, { download: 4096 });
    assert.deepEqual([limit.source, limit.uploadLimit], ['local', null]);
    assert.deepEqual(driver.pathRules, [rule({ policy: true, upload: 9999 }), rule({ upload: null, download: 4096 })]);
    assert.equal(
      warnings[1],
      `A policy's limit of "${path}" is in force, and this one once that is gone: upload 9999, download none.`,
    );
  });

  it('are for one executable, whatever case its letters have on Windows', async () => {
    driver = new MemoryDriver(windowsPaths);
    await set({ path: String.raw`C:\Tools\tool.exe` }, { upload: 2048 });
    await set({ path: String.raw`c:\tools\TOOL.EXE` }, { download: 4096 });
    assert.deepEqual(
      driver.pathRules.map(({ upload, download }) => [upload, download]),
      [[2048, 4096]],
    );
    await removeLimits(driver, { path: String.raw`C:\TOOLS\tool.exe` });
    assert.deepEqual(driver.pathRules, []);
  });

  const refused: [string, LimitTarget, LimitChange, RegExp][] = [
    ['nothing', { path }, {}, /Nothing to set/],
    ['a rate that is too low', { path }, { upload: 100 }, /too low/],
    ['half a byte', { path }, { download: 1024.5 }, /Invalid rate/],
    ['a relative path', { path: 'program' }, { upload: 4096 }, /does not begin with/],
    ['a pattern', { path: '/opt/none/*' }, { upload: 4096 }, /is a pattern/],
    ['no process id', { processId: 0 }, { upload: 4096 }, /Invalid process id/],
    ['a process id beyond 32 bits', { processId: 2 ** 32 }, { upload: 4096 }, /Invalid process id/],
    ['a limit for one process that is shared', { processId: 7 }, { upload: 4096, shared: true }, /shared/],
  ];
  for (const [what, target, change, message] of refused) {
    it(`refuse ${what}, before the driver is asked for anything`, async () => {
      await assert.rejects(set(target, change), { code: 'INVALID_ARGUMENT', message });
      assert.deepEqual(driver.calls, []);
    });
  }

  it('take a process that is not shared for what it is', async () => {
    assert.equal((await set({ processId: 7 }, { upload: 4096, shared: false })).uploadLimit, 4096);
  });

  it('find no process that is not there, or that ends meanwhile', async () => {
    await assert.rejects(set({ processId: 9 }, { upload: 4096 }), { code: 'NOT_FOUND', message: /process 9/ });
    driver.editProcessRule = async () => undefined;
    await assert.rejects(set({ processId: 7 }, { upload: 4096 }), { code: 'NOT_FOUND', message: /ended while/ });
  });

  it('are listed by process id and then by path', async () => {
    driver.processRules.set(8, rule()).set(7, rule());
    driver.pathRules = [rule({ path: '/b' }), rule({ path: '/a', policy: true })];
    assert.deepEqual(
      (await listLimits(driver)).map(({ processId, path: of, source }) => [processId ?? of, source]),
      [
        [7, 'local'],
        [8, 'local'],
        ['/a', 'policy'],
        ['/b', 'local'],
      ],
    );
  });

  it('are removed one by one, and returned as they were', async () => {
    await set({ processId: 7 }, { upload: 9999 });
    await set({ processId: 8 }, { upload: 2048 });
    await set({ path }, { upload: 4096 });
    assert.deepEqual(
      [...(await removeLimits(driver, { processId: 8 })), ...(await removeLimits(driver, { path }))].map(
        ({ uploadLimit }) => uploadLimit,
      ),
      [2048, 4096],
    );
    assert.deepEqual([driver.pathRules, [...driver.processRules.keys()]], [[], [7]]);
  });

  it('are all removed but those that a policy has set', async () => {
    driver.pathRules = [rule(), rule({ path: '/policy', policy: true })];
    driver.processRules.set(7, rule()).set(9, rule()); // 9 has ended: what is gone needs no removing
    assert.equal((await removeLimits(driver, { all: true })).length, 3);
    assert.deepEqual(driver.pathRules, [rule({ path: '/policy', policy: true })]);
    assert.deepEqual([...driver.processRules.keys()], [9]);
  });

  it('are removed as they are listed, even where no rule could have such a path any more', async () => {
    driver.pathRules = [rule({ path: '/opt/none/*' })];
    assert.equal((await removeLimits(driver, { path: '/opt/none/*' })).length, 1);
  });

  it('that are not there are not found', async () => {
    for (const target of [{ processId: 7 }, { path }]) {
      await assert.rejects(removeLimits(driver, target), { code: 'NOT_FOUND', message: /^There is no rule for / });
    }
  });

  it("that a policy has set are not removed by hand, and the local one beside a policy's is", async () => {
    const ofPolicy = rule({ policy: true });
    driver.pathRules = [ofPolicy];
    await assert.rejects(removeLimits(driver, { path }), { code: 'NOT_FOUND', message: /is a policy's: change the/ });
    assert.deepEqual(driver.pathRules, [ofPolicy]);
    driver.pathRules = [ofPolicy, rule({ upload: 2048 })];
    assert.deepEqual(
      (await removeLimits(driver, { path })).map(({ source }) => source),
      ['local'],
    );
    assert.deepEqual(driver.pathRules, [ofPolicy]);
  });

  it('end at an error that is another one than that the process is gone', async () => {
    driver.processRules.set(7, rule());
    driver.fail('editProcessRule', new Error('broken'));
    await assert.rejects(removeLimits(driver, { all: true }), /broken/);
  });
});
