import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { driverStatus, limits, mustSucceed, netflow, packagedDrivers, program } from './support/netflow.js';

const installed = join(process.env['SystemRoot'] ?? '', 'System32', 'drivers', 'netflow.sys');

describe('netflow driver, by the service manager of Windows', () => {
  before(() => mustSucceed('driver', 'uninstall'));
  afterEach(() => mustSucceed('driver', 'uninstall'));

  it('start loads the driver, once, and stop unloads it', async () => {
    assert.equal((await driverStatus()).state, 'not installed');
    await program.mustSucceed('driver', 'start');
    const first = await program.driverStatus();
    assert.deepEqual([first.driver, first.state, first.lostEvents, first.unattributedBytes], ['wfp', 'running', 0, 0]);
    await mustSucceed('driver', 'start');
    assert.equal((await driverStatus()).since, first.since);
    await program.mustSucceed('driver', 'stop');
    const { state, since } = await driverStatus();
    assert.deepEqual([state, since], ['stopped', null]);
    await mustSucceed('driver', 'stop');
    await mustSucceed('driver', 'start');
    assert.equal((await driverStatus()).state, 'running');
  });

  it('uninstall leaves neither service nor file nor rules', async () => {
    await program.mustSucceed('driver', 'install');
    await mustSucceed('driver', 'install');
    await mustSucceed('limit', 'set', '--path', String.raw`C:\Tools\tool.exe`, '--upload', '1MB');
    assert.ok(existsSync(installed));
    await program.mustSucceed('driver', 'uninstall');
    assert.equal((await driverStatus()).state, 'not installed');
    assert.equal(existsSync(installed), false);
    assert.deepEqual(await limits(), []);
    await mustSucceed('driver', 'start');
    assert.deepEqual(await limits(), []);
  });

  it('starts the file of a service that an INF has made, and copies none', async () => {
    const makeService = (file: string) => {
      const words = ['create', 'NetFlow', 'type=', 'kernel', 'start=', 'demand', 'group=', 'NDIS', 'depend=', 'Tcpip'];
      const { status } = spawnSync('sc.exe', [...words, 'binPath=', join(packagedDrivers, file)], { stdio: 'ignore' });
      assert.equal(status, 0);
    };
    makeService('netflow.sys');
    await mustSucceed('driver', 'start');
    assert.deepEqual([(await driverStatus()).state, existsSync(installed)], ['running', false]);
    await mustSucceed('driver', 'uninstall');
    makeService('netflow7.sys'); // which is not for Windows 10
    const { code, stderr } = await netflow('driver', 'start');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /its file is for another version of Windows/u);
  });

  it('is started by what reads', async () => {
    assert.deepEqual(await program.list(), []);
    assert.equal((await driverStatus()).state, 'running');
  });

  it('says what does not work on Windows', async () => {
    const { code, stderr } = await program.netflow('driver', 'start', '--max-processes', 100);
    assert.deepEqual([code, stderr.trim().split('\n').length], [2, 1], stderr);
  });
});
