import assert from 'node:assert/strict';
import type { ProcessRecord } from '../../../../core/driver/driver.js';
import { processesOf } from '../../../../core/driver/windows/measurement.js';

function record(processId: number, startTime: number): ProcessRecord {
  return { processId, startTime } as ProcessRecord;
}

describe('what a measurement on Windows adds up', () => {
  const records = [record(4, 50_000), record(8, 50_020), record(8, 70_000), record(12, 10_000), record(12, 50_030)];
  const chosen = (...members: Parameters<typeof processesOf>[0]) =>
    processesOf(members, records).map(({ processId, startTime }) => [processId, startTime]);
  const came = (processId: number, at: number) => ({ processId, after: at - 50, before: at });

  it('is each process of the job, and no other one with its id', () => {
    assert.deepEqual(chosen(came(8, 50_040), came(12, 50_040)), [
      [8, 50_020],
      [12, 50_030],
    ]);
  });

  it('is both where an id was used twice in it', () => {
    assert.deepEqual(chosen(came(8, 50_040), came(8, 70_010)), [
      [8, 50_020],
      [8, 70_000],
    ]);
  });

  it('is one that Wine says has begun long after it came, when it was ready', () => {
    assert.deepEqual(chosen({ processId: 8, after: 47_000, before: Infinity }).at(0), [8, 50_020]);
    assert.deepEqual(chosen({ processId: 8, after: 47_000, before: 60_000 }), [[8, 50_020]]);
  });

  it('is nothing of processes that have no record', () => assert.deepEqual(chosen(came(16, 50_000)), []));
});
