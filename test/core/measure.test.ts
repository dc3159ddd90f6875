import assert from 'node:assert/strict';
import { measureCommand, measureProcess } from '../../core/measure.js';
import { MemoryDriver, processRecord } from '../support/memory-driver.js';

describe('measuring a command', () => {
  let driver: MemoryDriver;
  const run = (command: string, ...args: string[]) => measureCommand(driver, command, args, { stdio: 'ignore' });

  beforeEach(() => {
    driver = new MemoryDriver();
    driver.measured = { uploadBytes: 3000, downloadBytes: 50, processes: 2 };
  });
  afterEach(() => assert.equal(driver.openMeasurements, 0));

  it('gives what was transferred, and averages over the time that it took', async () => {
    const { durationMs, averageUploadSpeed, averageDownloadSpeed, ...rest } = await run('sh', '-c', 'exit 7');
    assert.deepEqual(rest, {
      command: "sh -c 'exit 7'",
      exitCode: 7,
      uploadBytes: 3000,
      downloadBytes: 50,
      processes: 2,
    });
    assert.ok(Number.isInteger(durationMs) && durationMs >= 1, `${durationMs}`);
    const averages = [3_000_000, 50_000].map((bytes) => Math.round(bytes / durationMs));
    assert.deepEqual([averageUploadSpeed, averageDownloadSpeed], averages);
  });

  it('ends as a shell would say after a signal', async () => {
    assert.equal((await run('sh', '-c', 'kill -TERM $$')).exitCode, 128 + 15);
  });

  it('tells the id of the process that runs', async () => {
    let told = 0;
    await measureCommand(driver, 'true', [], { stdio: 'ignore', onStart: (processId) => (told = processId) });
    assert.ok(told > 0);
  });

  for (const [what, command, message] of [
    ['is not there', '/opt/none/command', /^The command \/opt\/none\/command was not found/],
    ['is no program', '/etc/passwd', /^\/etc\/passwd can't be run: it is not executable\.$/],
  ] as const) {
    it(`fails where the command ${what}`, async () => {
      await assert.rejects(run(command), { code: 'FAILED', message });
    });
  }
});

describe('measuring a process', () => {
  const processId = 42;
  const image = (identity: string, uploadBytes: number, more = {}) =>
    processRecord({ processId, identity, uploadBytes, downloadBytes: 2 * uploadBytes, ...more });
  let driver: MemoryDriver;

  beforeEach(async () => {
    driver = new MemoryDriver();
    await driver.start();
    driver.measured = { uploadBytes: 1000, downloadBytes: 0, processes: 3 };
  });

  async function measured(after: typeof driver.processes): Promise<[number, number, number]> {
    driver.processes = [image('a', 100), processRecord({ processId: 7, uploadBytes: 99 })];
    await using measurement = await measureProcess(driver, processId);
    driver.processes = after;
    const { uploadBytes, downloadBytes, processes } = await measurement.read();
    return [uploadBytes, downloadBytes, processes];
  }
  afterEach(() => assert.equal(driver.openMeasurements, 0));

  it('adds what it transferred since then to what its children did', async () => {
    assert.deepEqual(await measured([image('a', 130)]), [1030, 60, 3]);
  });

  it('has all of what it transferred as another program', async () => {
    assert.deepEqual(await measured([image('a', 130, { exited: true }), image('b', 20)]), [1020, 40, 3]);
  });

  it('has the living one of an id that was used before, however they are ordered', async () => {
    const [dead, living] = [image('dead', 7, { exited: true, startTime: 9e15 }), image('a', 130)];
    for (const after of [
      [dead, living],
      [living, dead],
    ])
      assert.deepEqual(await measured(after), [1030, 60, 3]);
  });

  it('has the latest image of an id where none lives', async () => {
    const [old, latest] = [image('old', 7, { startTime: 1 }), image('late', 20, { startTime: 2 })];
    for (const after of [
      [old, latest],
      [latest, old],
    ])
      assert.deepEqual(await measured(after.map((each) => ({ ...each, exited: true }))), [1020, 40, 3]);
  });

  it('has only its children where it is no more to be found', async () => {
    assert.deepEqual(await measured([]), [1000, 0, 3]);
  });

  it('opens nothing where the process can not be read', async () => {
    driver.fail('read', new Error('broken'));
    await assert.rejects(measureProcess(driver, processId), /broken/);
  });
});
