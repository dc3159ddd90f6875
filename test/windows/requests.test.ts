import assert from 'node:assert/strict';
import { protocol, ruleLayout } from '../../core/driver/protocol.generated.js';
import { DevicePaths } from '../../core/driver/windows/device-paths.js';
import { access, controlDevice, disposition, openFile, share } from '../../core/driver/windows/files.js';
import { kernel32 } from '../../core/driver/windows/kernel32.js';
import { encodePathRules } from '../../core/driver/windows/rule-records.js';
import { win32, Win32Error } from '../../core/driver/windows/win32-error.js';
import { mustSucceed } from './support/netflow.js';

const queries = {
  handshake: protocol.ioctlHandshake,
  connections: protocol.ioctlQueryConnections,
  processes: protocol.ioctlQueryProcesses,
  exited: protocol.ioctlQueryExited,
  rules: protocol.ioctlQueryRules,
  statistics: protocol.ioctlQueryStatistics,
};
const changes = {
  'set rule': protocol.ioctlSetRule,
  'remove rule': protocol.ioctlRemoveRule,
  'replace rules': protocol.ioctlReplaceRules,
};

describe('requests, by DeviceIoControl', () => {
  const handles: number[] = [];

  before(() => mustSucceed('driver', 'start'));
  after(() => {
    handles.forEach((handle) => kernel32.CloseHandle(handle));
    mustSucceed('driver', 'stop');
  });

  function open(rights: number, name = String.raw`\\.\NetFlow`): number {
    const handle = openFile(name, rights, share.readWrite, disposition.openExisting);
    handles.push(handle);
    return handle;
  }

  /** 0, or what Windows says. */
  function codeOf(handle: number, code: number, input: Buffer | null, output: Buffer | null): number {
    try {
      controlDevice(handle, code, input, output);
      return win32.success;
    } catch (error) {
      assert.ok(error instanceof Win32Error);
      return error.code;
    }
  }

  // At every length, and for every wrong record: wfp_requests_test.c and common_rule_test.c.
  for (const [name, code] of Object.entries(queries)) {
    it(`${name} takes no input, and says in Windows' codes what a buffer is too short for`, () => {
      const handle = open(access.read);
      const whole = controlDevice(handle, code, null, Buffer.alloc(65_536));
      assert.equal(codeOf(handle, code, null, Buffer.alloc(whole)), win32.success);
      assert.equal(codeOf(handle, code, null, null), whole === 0 ? win32.success : win32.insufficientBuffer);
      assert.equal(codeOf(handle, code, Buffer.alloc(1), Buffer.alloc(65_536)), win32.invalidUserBuffer);
    });
  }

  for (const [name, code] of Object.entries(changes)) {
    it(`${name} needs the right to write, and a record of this version`, () => {
      assert.equal(codeOf(open(access.read), code, rule(), null), win32.accessDenied);
      const handle = open(access.read + access.write);
      const wrong = rule();
      wrong.writeUInt16LE(wrong.readUInt16LE(ruleLayout.headerVersion) + 1, ruleLayout.headerVersion);
      assert.equal(codeOf(handle, code, wrong, null), win32.revisionMismatch);
    });
  }

  it('that are none are refused', () => {
    const handle = open(access.read + access.write);
    for (let code = 0x809; code < 0x900; code++) {
      assert.equal(codeOf(handle, (0x12 << 16) | (code << 2), null, null), win32.invalidFunction);
    }
  });
});

function rule(): Buffer {
  const path = String.raw`\Device\HarddiskVolume1\x.exe`;
  return encodePathRules([{ path, upload: 4096, download: null, shared: false, policy: false }], new DevicePaths([]));
}
