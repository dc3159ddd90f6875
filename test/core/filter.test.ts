import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { checkFilter, compareTraffic, select as selectNamed, type ProcessFilter } from '../../core/filter.js';
import { processFields } from '../../core/fields.js';
import type { ProcessTraffic } from '../../core/records.js';
import { trafficRow } from '../support/traffic-row.js';

const nobodysPid = 0x7fff_fff0;

describe('a filter', () => {
  const refused: [string, ProcessFilter, RegExp][] = [
    ['a negative id', { pids: [-1] }, /^Invalid process id -1:/u],
    ['id 0', { pids: [0] }, /^Invalid process id 0:/u],
    ['half an id', { pids: [1.5] }, /^Invalid process id 1\.5:/u],
    ['an id that is no number', { pids: [Number.NaN] }, /^Invalid process id NaN:/u],
    ['an id beyond 32 bits', { pids: [2 ** 40] }, /^Invalid process id 1099511627776:/u],
    ['top 0', { top: 0 }, /^Invalid top 0:/u],
    ['top infinite', { top: Infinity }, /^Invalid top Infinity:/u],
    ['a field that is not there', { sort: 'speed' as never }, /^Can't sort by speed: .*uploadSpeed/u],
  ];
  for (const [what, filter, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => checkFilter(filter, processFields), {
        name: 'NetFlowError',
        code: 'INVALID_ARGUMENT',
        message,
      });
    });
  }

  it('takes everything where it is empty', () => {
    assert.deepEqual(pids(select(rows(), {})), [1, 2, 3]);
  });

  it('takes processes by id and by name at once', () => {
    assert.deepEqual(pids(select(rows(), { pids: [1, 2], names: ['curl'] })), [2]);
  });

  it('takes processes by id or by name where either will do', () => {
    assert.deepEqual(pids(select(rows(), { pids: [1], names: ['curl'], either: true })), [1, 2]);
    assert.deepEqual(pids(select(rows(), { pids: [3], either: true })), [3]);
    assert.deepEqual(pids(select(rows(), { either: true })), [1, 2, 3]);
  });

  it('tells each id that neither runs nor had traffic, where someone listens', () => {
    const missing: number[] = [];
    const onMissing = (pid: number) => void missing.push(pid);
    assert.deepEqual(pids(select(rows(), { pids: [nobodysPid, 1, nobodysPid, process.pid], onMissing })), [1]);
    assert.deepEqual(missing, [nobodysPid]);
  });

  it('finds nobody of an id that neither runs nor had traffic', () => {
    assert.throws(() => select(rows(), { pids: [1, nobodysPid] }), { code: 'NOT_FOUND', message: /2147483632/u });
  });

  it('takes no thread for a process, and says whose it is', function () {
    if (process.platform !== 'linux') this.skip();
    const threads = readdirSync('/proc/self/task').map(Number);
    const thread = threads.find((id) => id !== process.pid) ?? 0;
    const message = new RegExp(`no process ${thread}: it is a thread of process ${process.pid}`, 'u');
    assert.throws(() => select(rows(), { pids: [thread] }), { code: 'NOT_FOUND', message });
  });

  it('takes an id that runs and had no traffic as no rows', () => {
    assert.deepEqual(select(rows(), { pids: [process.pid] }), []);
  });

  const globs: [string, number[]][] = [
    ['curl', [2]],
    ['CURL', [2]],
    ['uploader', [3]],
    ['upl?ader', [3]],
    ['cur', []],
    ['*', [1, 2, 3]],
    ['c*', [2]],
    ['*s*', [1, 3]],
    ['????', [1, 2]],
    ['[a-c]*', [2]],
    ['[rs]*', [1, 3]],
    ['s+h', []],
    ['s(.*)', []],
    ['[', []],
    ['^ssh$', []],
    ['sync[1]', []],
  ];
  for (const [glob, expected] of globs) {
    it(`takes ${expected.length} names for ${glob}`, () => {
      assert.deepEqual(pids(select(rows(), { names: [glob] })), expected);
    });
  }

  it('tells each name that no process has, neither in the rows nor besides', () => {
    const missing: string[] = [];
    const names = ['uploader', 'cron', 'cro*', 'nosuch', 'nosuch*'];
    assert.deepEqual(pids(select(rows(), { names, onMissingName: (name) => void missing.push(name) })), [3]);
    assert.deepEqual(missing, ['nosuch', 'nosuch*']);
  });

  it("takes a name without Windows' ending as well", () => {
    const named = ['a.exe', 'B.EXE', 'a.exe.txt', 'aexe'].map((processName, index) =>
      trafficRow({ processId: index + 1, processName }),
    );
    for (const [glob, expected] of [
      ['a', [1]],
      ['b', [2]],
      ['a.exe', [1]],
      ['?', [1, 2]],
      ['a*', [1, 3, 4]],
    ] as const)
      assert.deepEqual(pids(select(named, { names: [glob] })), expected, glob);
  });

  it('takes a hyphen, outside of brackets, as itself', () => {
    assert.deepEqual(select(rows(), { names: ['no-such', '-', 'a-*'] }), []);
  });

  it('says so of a pattern that is none', () => {
    assert.throws(() => select(rows(), { names: ['[z-a]'] }), {
      code: 'INVALID_ARGUMENT',
      message: /^Invalid pattern "\[z-a\]"/u,
    });
  });
});

describe('sorting', () => {
  const orders: [keyof ProcessTraffic | undefined, number[]][] = [
    [undefined, [3, 1, 2]],
    ['uploadBytes', [1, 3, 2]],
    ['downloadBytes', [3, 2, 1]],
    ['processName', [2, 3, 1]],
    ['processId', [1, 2, 3]],
    ['startTime', [3, 2, 1]],
    ['uploadLimit', [2, 3, 1]],
    ['path', [3, 1, 2]],
  ];
  for (const [field, expected] of orders) {
    it(`is right by ${field ?? 'all bytes, where no field is given'}`, () => {
      assert.deepEqual(pids(rows().toSorted(compareTraffic(field))), expected);
    });
  }

  it('is by all bytes where a field is equal, and then by id', () => {
    const equal = [9, 3, 5].map((processId) =>
      trafficRow({ processId, uploadSpeed: 1, downloadBytes: processId === 5 ? 1 : 0 }),
    );
    for (const field of [undefined, 'uploadSpeed', 'user'] as const)
      assert.deepEqual(pids(equal.toSorted(compareTraffic(field))), [5, 3, 9]);
  });
});

/** Selects where process 3 calls itself `uploader`, and an idle `cron` runs. */
function select(traffic: ProcessTraffic[], filter: ProcessFilter): ProcessTraffic[] {
  return selectNamed(traffic, filter, {
    namesOf: ({ processId, processName }) => (processId === 3 ? [processName, 'uploader'] : [processName]),
    runs: (isName) => isName('cron'),
  });
}

function rows(): ProcessTraffic[] {
  const day = (number: number) => ({ processId: number, startTime: `2026-01-0${number}T00:00:00.000Z` });
  return [
    { ...day(1), processName: 'sshd', uploadBytes: 500, downloadBytes: 0 },
    { ...day(2), processName: 'Curl', uploadBytes: 1, downloadBytes: 30, uploadLimit: 5 },
    { ...day(3), processName: 'rsync', uploadBytes: 2, downloadBytes: 999 },
  ].map(trafficRow);
}

function pids(traffic: readonly ProcessTraffic[]): number[] {
  return traffic.map(({ processId }) => processId);
}
