import assert from 'node:assert/strict';
import { platforms } from '../../core/driver/open.js';
import { NetFlow, NetFlowError, type OpenOptions } from '../../core/index.js';
import { connectionRecord, MemoryDriver, processRecord, withDriver } from '../support/memory-driver.js';

describe('NetFlow', () => {
  let driver: MemoryDriver;
  const open = (options?: OpenOptions): Promise<NetFlow> => withDriver(driver, () => NetFlow.open(options));

  beforeEach(() => {
    driver = new MemoryDriver();
    driver.processes = [
      processRecord({ processId: 1, name: 'sshd', uploadBytes: 5, downloadBytes: 1 }),
      processRecord({ processId: 2, name: 'curl', uploadBytes: 7, uploadSpeed: 3 }),
      processRecord({ processId: 3, name: 'gone', downloadBytes: 90, exited: true }),
    ];
    driver.connections = [
      connectionRecord({ processId: 2 }),
      connectionRecord({ processId: 1, processName: 'sshd' }),
      connectionRecord({ processId: 1, processName: 'sshd', state: 'listen' }),
    ];
  });

  it('has no driver on any other platform', async () => {
    const { linux, win32 } = platforms;
    try {
      delete platforms.linux;
      delete platforms.win32;
      await assert.rejects(NetFlow.open(), { code: 'DRIVER_UNAVAILABLE', message: /^NetFlow has no driver for / });
    } finally {
      Object.assign(platforms, { linux, win32 });
    }
  });

  const starting: [string, (netflow: NetFlow) => Promise<unknown>, string[]][] = [
    ['list', (netflow) => netflow.list(), ['start', 'read']],
    ['connections', (netflow) => netflow.connections(), ['start', 'readConnections']],
    ['watch', (netflow) => netflow.watch({ count: 1 }).next(), ['start', 'read']],
    ['measure', (netflow) => netflow.measure('true'), ['start', 'measure']],
    ['measureProcess', (netflow) => netflow.measureProcess(1), ['start', 'read', 'measure']],
    ['limit.set', (netflow) => netflow.limit.set({ processId: 1 }, { upload: 4096 }), ['start', 'editProcessRule']],
    ['policy.update', (netflow) => netflow.policy.update(), ['readMachinePolicy']],
    ['limit.list', (netflow) => netflow.limit.list(), ['readRules']],
    ['driver.status', (netflow) => netflow.driver.status(), ['status']],
  ];
  for (const [name, act, calls] of starting) {
    const starts = calls.includes('start');
    it(`${starts ? 'starts' : 'does not start'} a driver that is stopped for ${name}`, async () => {
      const progress: string[] = [];
      const netflow = await open({ onProgress: (message) => progress.push(message) });
      await act(netflow);
      assert.deepEqual(driver.calls.slice(0, calls.length), calls);
      assert.deepEqual(progress, starts ? ['Starting the driver'] : []);
      await act(netflow);
      assert.deepEqual(progress.length, starts ? 1 : 0, 'nothing is begun for a driver that runs');
    });
  }

  it('passes on what the driver warns of, whoever starts it', async () => {
    driver.warnings = ['saved limits are not in force'];
    const warned: string[] = [];
    const netflow = await open({ onWarning: (message) => warned.push(message) });
    await netflow.list();
    await netflow.driver.stop();
    await netflow.driver.start({ maxProcesses: 99 });
    const begun = 'The driver did not run before: it counts from now on.';
    assert.deepEqual(warned, [...driver.warnings, begun, ...driver.warnings]);
    assert.equal(driver.startedWith?.maxProcesses, 99);
  });

  it('warns of processes that were asked for and may have sockets that it cannot see', async () => {
    driver.hiding = [1, 2];
    await driver.start();
    const warned: string[] = [];
    const netflow = await open({ onWarning: (message) => warned.push(message) });
    await netflow.connections();
    assert.equal(warned.length, 0);
    await netflow.connections({ names: ['ssh*'] });
    assert.deepEqual(
      warned.map((message) => message.split(':')[0]),
      ['Process 1 uses io_uring'],
    );
  });

  it('says of limits that none is in force, where the driver does not run', async () => {
    const warned: string[] = [];
    const netflow = await open({ onWarning: (message) => warned.push(message) });
    await netflow.limit.list();
    assert.deepEqual(warned, []);
    driver.pathRules = [{ path: '/opt/a', upload: 1024, download: null, shared: false, policy: false }];
    await netflow.limit.list();
    assert.deepEqual(warned, ['The driver is not running: no limit is in force until it starts.']);
    await netflow.driver.start();
    await netflow.limit.list();
    assert.equal(warned.length, 1);
  });

  it('throws what the driver throws when it is started', async () => {
    const error = new NetFlowError('DRIVER_UNAVAILABLE', 'no BTF');
    driver.fail('start', error);
    await assert.rejects((await open()).list(), error);
  });

  it('lists the processes with the most bytes first, and those that have ended where they are asked for', async () => {
    const netflow = await open();
    const ids = async (filter: object) => (await netflow.list(filter)).map(({ processId }) => processId);
    assert.deepEqual(await ids({}), [2, 1]);
    assert.deepEqual(await ids({ exited: true }), [3, 2, 1]);
    assert.deepEqual(await ids({ exited: true, top: 1 }), [3]);
    assert.deepEqual(await ids({ sort: 'processName', names: ['*s*', 'curl'] }), [2, 1]);
    await assert.rejects(netflow.list({ top: 0 }), { code: 'INVALID_ARGUMENT' });
  });

  it('finds processes by what they call themselves, and the exited by what they were called', async () => {
    driver.names.set(2, ['dl.py']);
    driver.processes.push(
      processRecord({ processId: 4, name: 'python3.11', shortName: 'dl.py', uploadBytes: 1, exited: true }),
    );
    const netflow = await open();
    const ids = async (filter: object) => (await netflow.list(filter)).map(({ processId }) => processId);
    assert.deepEqual(await ids({ names: ['dl.*'] }), [2]);
    assert.deepEqual(await ids({ names: ['DL.PY'], exited: true }), [2, 4]);
    assert.deepEqual(
      (await netflow.connections({ names: ['dl.py'] })).map(({ processId }) => processId),
      [2],
    );
  });

  it('asks for the command lines of those that it lists, and keeps what the driver has of the exited', async () => {
    const asked: number[] = [];
    driver.running.describe = (id) => {
      asked.push(id);
      return { commandLine: `line ${3 - id}`, service: null };
    };
    driver.processes.push(processRecord({ processId: 4, uploadBytes: 1, exited: true, commandLine: 'line 0' }));
    const netflow = await open();
    const lines = async (filter: object) => (await netflow.list(filter)).map(({ commandLine }) => commandLine);
    assert.deepEqual(await lines({ top: 1 }), ['line 1']);
    assert.deepEqual(await lines({ brief: true, exited: true }), [null, null, null, 'line 0']);
    assert.deepEqual(asked, [2]);
    assert.deepEqual(await lines({ sort: 'commandLine', exited: true, top: 3 }), [null, 'line 0', 'line 1']);
  });

  it('counts the sockets of a process', async () => {
    const rows = await (await open()).list();
    assert.deepEqual(
      rows.map(({ processId, connections }) => [processId, connections]),
      [
        [2, 1],
        [1, 2],
      ],
    );
  });

  it("has the machine's totals in a snapshot, which no filter narrows", async () => {
    const { time, processes, totals } = await (await open()).snapshot({ pids: [1] });
    assert.deepEqual([time, processes.length], ['2026-01-02T03:04:05.678Z', 1]);
    assert.deepEqual(totals, { uploadBytes: 12, downloadBytes: 91, uploadSpeed: 3, downloadSpeed: 0 });
  });

  it('watches until the loop ends, with a new reading each time', async () => {
    const netflow = await open();
    const seen: [string, number][] = [];
    for await (const { time, processes } of netflow.watch({ interval: 0.1, pids: [1] })) {
      seen.push([time, processes[0]?.uploadBytes ?? 0]);
      if (seen.length === 2) break;
      driver.time += 1000;
      driver.processes = [processRecord({ processId: 1, uploadBytes: 6 })];
    }
    assert.deepEqual(seen, [
      ['2026-01-02T03:04:05.678Z', 5],
      ['2026-01-02T03:04:06.678Z', 6],
    ]);
    await assert.rejects(netflow.watch({ interval: 0 }).next(), { code: 'INVALID_ARGUMENT' });
  });

  it('watches no driver that was stopped, and does not start it again', async () => {
    const watch = (await open()).watch({ interval: 0.1 });
    await watch.next();
    await driver.stop();
    await assert.rejects(watch.next(), { code: 'DRIVER_NOT_RUNNING' });
    assert.deepEqual(driver.calls, ['start', 'read', 'stop', 'read']);
  });

  it('says while it watches that the driver, and with it all counts, began anew', async () => {
    const warned: string[] = [];
    await driver.start();
    const watch = (await open({ onWarning: (message) => warned.push(message) })).watch({ interval: 0.1 });
    await watch.next();
    assert.deepEqual(warned, []);
    await driver.stop();
    driver.time += 5000;
    await driver.start();
    for (const _ of [1, 2]) await watch.next();
    assert.deepEqual(warned, ['The driver was started anew: all counts began at 0.']);
  });

  it('has the connections of the processes that are asked for', async () => {
    const netflow = await open();
    assert.equal((await netflow.connections()).length, 3);
    assert.deepEqual(
      (await netflow.connections({ names: ['ssh?'] })).map(({ state }) => state),
      ['established', 'listen'],
    );
    await assert.rejects(netflow.connections({ pids: [0] }), { code: 'INVALID_ARGUMENT' });
  });
});
