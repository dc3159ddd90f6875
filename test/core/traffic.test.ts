import assert from 'node:assert/strict';
import type { ProcessRecord, Reading } from '../../core/driver/driver.js';
import { processFields } from '../../core/fields.js';
import { toSnapshot } from '../../core/traffic.js';
import { processRecord } from '../support/memory-driver.js';

describe('a snapshot', () => {
  it('has exactly the fields of the table of fields, in its order', () => {
    const [row] = toSnapshot(reading([processRecord({ uploadBytes: 1 })])).processes;
    assert.deepEqual(
      Object.keys(row ?? {}),
      processFields.map(({ name }) => name),
    );
  });

  it('has the values of the record under the same names', () => {
    const names = Object.keys(processRecord());
    const record = Object.fromEntries(names.map((name, index) => [name, 1000 + index]));
    const [row = assert.fail()] = toSnapshot(reading([record as unknown as ProcessRecord])).processes;
    for (const [name, value] of Object.entries(row)) {
      if (name in record && name !== 'startTime') assert.equal(value, record[name], name);
    }
  });

  it('counts the sockets of each process', () => {
    const read = reading([processRecord({ identity: 'a' }), processRecord({ identity: 'b', processId: 2 })], {
      a: 2,
      b: 1,
    });
    assert.deepEqual(
      toSnapshot(read).processes.map(({ connections }) => connections),
      [2, 1],
    );
  });

  it('leaves out a process that has neither sockets nor traffic', () => {
    assert.deepEqual(toSnapshot(reading([processRecord({})])).processes, []);
  });

  it('keeps one whose sockets are closed and that had traffic', () => {
    assert.equal(toSnapshot(reading([processRecord({ downloadBytes: 1 })])).processes.length, 1);
  });

  it('counts no sockets for a process that ended while it was read', () => {
    const [row] = toSnapshot(reading([processRecord({ uploadBytes: 1, exited: true })], { a: 1 })).processes;
    assert.equal(row?.connections, 0);
  });

  it('has times as ISO 8601 in UTC', () => {
    const [row] = toSnapshot(reading([processRecord({ uploadBytes: 1, startTime: 1_000.75 })])).processes;
    assert.equal(row?.startTime, '1970-01-01T00:00:01.000Z');
  });
});

function reading(processes: ProcessRecord[], sockets: Record<string, number> = {}): Reading {
  const sums = { uploadBytes: 0, downloadBytes: 0, uploadSpeed: 0, downloadSpeed: 0 };
  const counts = {
    started: 0,
    unattributedBytes: 0,
    lostEvents: 0,
    exitedProcesses: 0,
    processes: 0,
    processCapacity: 0,
  };
  return {
    time: new Date(0),
    processes,
    sockets: new Map(Object.entries(sockets)),
    statistics: { ...sums, ...counts },
  };
}
