import assert from 'node:assert/strict';
import type { ProcessRecord, Reading } from '../../core/driver/driver.js';
import { processFields } from '../../core/fields.js';
import { toSnapshot } from '../../core/traffic.js';

describe('a snapshot', () => {
  it('has exactly the fields of the table of fields, in its order', () => {
    const [row] = toSnapshot(reading([process_({ uploadBytes: 1 })])).processes;
    assert.deepEqual(
      Object.keys(row ?? {}),
      processFields.map(({ name }) => name),
    );
  });

  it('counts the sockets of each process', () => {
    const read = reading([process_({ identity: 'a' }), process_({ identity: 'b', processId: 2 })], { a: 2, b: 1 });
    assert.deepEqual(
      toSnapshot(read).processes.map(({ connections }) => connections),
      [2, 1],
    );
  });

  it('leaves out a process that has neither sockets nor traffic', () => {
    assert.deepEqual(toSnapshot(reading([process_({})])).processes, []);
  });

  it('keeps one whose sockets are closed and that had traffic', () => {
    assert.equal(toSnapshot(reading([process_({ downloadBytes: 1 })])).processes.length, 1);
  });

  it('counts no sockets for a process that ended while it was read', () => {
    const [row] = toSnapshot(reading([process_({ uploadBytes: 1, exited: true })], { a: 1 })).processes;
    assert.equal(row?.connections, 0);
  });

  it('has times as ISO 8601 in UTC', () => {
    const [row] = toSnapshot(reading([process_({ uploadBytes: 1, startTime: 1_000.75 })])).processes;
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

function process_(values: Partial<ProcessRecord>): ProcessRecord {
  return {
    identity: 'a',
    processId: 1,
    startTime: 0,
    exited: false,
    uploadBytes: 0,
    downloadBytes: 0,
    uploadSpeed: 0,
    downloadSpeed: 0,
    uploadLimit: null,
    downloadLimit: null,
    parentId: 0,
    user: 'root',
    rule: 0,
    measurement: 0,
    name: 'program',
    path: '/bin/program',
    ...values,
  };
}
