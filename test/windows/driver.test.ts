import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { driverStatus, limits, list, mustSucceed, netflow } from './support/netflow.js';

const installed = join(process.env['SystemRoot'] ?? '', 'System32', 'drivers', 'netflow.sys');

describe('netflow driver, by the service manager of Windows', () => {
  before(() => mustSucceed('driver', 'uninstall'));
  afterEach(() => mustSucceed('driver', 'uninstall'));

  it('start loads the driver, once, and stop unloads it', () => {
    assert.equal(driverStatus().state, 'not installed');
    mustSucceed('driver', 'start');
    const first = driverStatus();
    assert.deepEqual([first.driver, first.state, first.lostEvents, first.unattributedBytes], ['wfp', 'running', 0, 0]);
    mustSucceed('driver', 'start');
    assert.equal(driverStatus().since, first.since);
    mustSucceed('driver', 'stop');
    assert.deepEqual([driverStatus().state, driverStatus().since], ['stopped', null]);
    mustSucceed('driver', 'stop');
    mustSucceed('driver', 'start');
    assert.equal(driverStatus().state, 'running');
  });

  it('uninstall leaves neither service nor file nor rules', () => {
    mustSucceed('driver', 'install');
    mustSucceed('driver', 'install');
    mustSucceed('limit', 'set', '--path', String.raw`C:\Tools\tool.exe`, '--upload', '1MB');
    assert.ok(existsSync(installed));
    mustSucceed('driver', 'uninstall');
    assert.equal(driverStatus().state, 'not installed');
    assert.equal(existsSync(installed), false);
    assert.deepEqual(limits(), []);
    mustSucceed('driver', 'start');
    assert.deepEqual(limits(), []);
  });

  it('is started by what reads', () => {
    assert.deepEqual(list(), []);
    assert.equal(driverStatus().state, 'running');
  });

  it('says what does not work on Windows', () => {
    const { status, stderr } = netflow('driver', 'start', '--max-processes', 100);
    assert.deepEqual([status, stderr.trim().split('\n').length], [2, 1], stderr);
  });
});
