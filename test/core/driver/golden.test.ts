import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMeasurement } from '../../../core/driver/decode-sums.js';
import { decodeConnections, decodeHandshakeReply, decodeReply, decodeRules } from '../../../core/driver/decode.js';
import {
  measurementLayout,
  protocol,
  recordType,
  ruleFlag,
  ruleLayout,
  ruleTarget,
} from '../../../core/driver/protocol.generated.js';
import { DevicePaths } from '../../../core/driver/windows/device-paths.js';
import { decodePathRules, encodePathRules, encodeProcessRule } from '../../../core/driver/windows/rule-records.js';
import { projectRoot } from '../../support/paths.js';

// A kernel may be built or booted without support for 32-bit programs; the emulator runs them anywhere.
const emulator = { 64: [], 32: ['qemu-i386'] } as const;
const source = join(projectRoot, 'driver', 'test', 'protocol_golden.c');

for (const bits of [64, 32] as const) {
  describe(`golden bytes with a ${bits}-bit driver`, () => {
    let folder = '';
    const run = (what: string, input?: Buffer) => {
      const [command, ...args] = [...emulator[bits], join(folder, 'golden'), what];
      return spawnSync(command, args, { input });
    };
    const read = (input: Buffer) => {
      const { stdout, stderr, status } = run('read', input);
      return { stdout: String(stdout), stderr: String(stderr), status };
    };

    before(function () {
      folder = mkdtempSync(join(tmpdir(), 'netflow-golden-'));
      const program = join(folder, 'golden');
      const compiled = spawnSync('cc', [`-m${bits}`, '-std=c11', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
      if (compiled.status === 0) return;
      assert.ok(bits === 32 && !process.env['CI'], String(compiled.stderr));
      this.skip(); // a compiler for this machine's own word size only
    });
    after(() => rmSync(folder, { recursive: true }));

    it('that C writes are read field by field', () => {
      const bytes = run('write').stdout;
      const reply = decodeReply(bytes, { bootTime: 0, userName: (id) => `user ${id}` });
      assert.deepEqual(reply.processes, [
        {
          identity: `16909060:1048576:1:5`,
          processId: 0x01020304,
          startTime: 0x0010000000000001 / 1e6,
          exited: true,
          ...numbersOf(String(run('numbers').stdout)),
          downloadLimit: null,
          user: 'user 11',
          name: 'naïve',
          shortName: 'short',
          path: '/usr/bin/naïve',
          commandLine: 'sh -c',
          service: 'a.service',
        },
      ]);
      assert.deepEqual(decodeConnections(bytes, new Map([['1:0:3:2', 'sh']])), [
        {
          processId: 1,
          processName: 'sh',
          uploadBytes: 5,
          downloadBytes: 6,
          uploadSpeed: 7,
          downloadSpeed: 8,
          protocol: 'tcp',
          localAddress: '2001:db8::1',
          localPort: 0xfffe,
          remoteAddress: '::2',
          remotePort: 443,
          state: 'close-wait',
        },
      ]);
      assert.deepEqual(reply.statistics, {
        time: 1,
        started: 2,
        epoch: 3,
        uploadBytes: 4,
        downloadBytes: 5,
        uploadSpeed: 6,
        downloadSpeed: 7,
        unattributedBytes: 8,
        lostEvents: 9,
        exitedProcesses: 10,
        droppedPackets: 13,
        processes: 11,
        processCapacity: 12,
      });
      assert.deepEqual(decodeHandshakeReply(bytes), { driver: 'tdi', version: '1.2.3-beta' });
      assert.deepEqual(decodeRules(bytes), [
        {
          identity: '1:0:3:2',
          processId: 1,
          upload: 5,
          download: null,
          shared: true,
          policy: false,
          processes: 6,
          isPath: true,
          path: '\\x',
        },
      ]);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      assert.deepEqual(decodeMeasurement(view, bytes.length - measurementLayout.size), {
        owner: '5:0:7:6',
        parent: 8,
        uploadBytes: 1,
        downloadBytes: 2,
        processes: 3,
        ended: 4,
      });
    });

    it('that TypeScript writes are read field by field', () => {
      const { stdout, stderr } = read(rule('/usr/bin/naïve'));
      assert.equal(stderr, '');
      assert.equal(
        stdout,
        'rule process_id=1 image=2 start_time=4503599627370497 rule_id=4 upload_limit=5 download_limit=6' +
          ' processes=7 target=2 flags=3 path=/usr/bin/naïve\n',
      );
    });

    it('that the Windows driver is sent are read field by field', () => {
      const paths = new DevicePaths([['C:', String.raw`\Device\HarddiskVolume1`]]);
      const limits = { upload: null, download: 2 ** 40, shared: true };
      const path = encodePathRules([{ ...limits, path: String.raw`c:\a b.exe`, policy: false }], paths);
      const own = encodeProcessRule('7:1:2:0', limits);
      assert.deepEqual(
        [path, own].map((record) => read(record).stdout),
        [
          'rule process_id=0 image=0 start_time=0 rule_id=0 upload_limit=0 download_limit=1099511627776' +
            ' processes=0 target=2 flags=1 path=\\Device\\HarddiskVolume1\\a b.exe\n',
          'rule process_id=7 image=0 start_time=4294967298 rule_id=0 upload_limit=0 download_limit=1099511627776' +
            ' processes=0 target=1 flags=0 path=\n',
        ],
      );
      assert.deepEqual(decodePathRules(path, paths), [
        { ...limits, path: String.raw`C:\a b.exe`, policy: false, processes: 0 },
      ]);
    });

    const faults: [string, (record: Buffer) => Buffer, string][] = [
      ['a byte too short', (record) => record.subarray(0, -1), 'wrong size'],
      ['a byte too long', (record) => Buffer.concat([record, Buffer.alloc(1)]), 'wrong size'],
      ['of another version', (record) => with16(record, ruleLayout.headerVersion, 99), 'wrong version'],
      ['with a wrong magic', (record) => with16(record, ruleLayout.headerMagic, 0), 'wrong magic'],
      ['of another type', (record) => with16(record, ruleLayout.headerType, recordType.process), 'not a request'],
      ['whose path is longer than it', (record) => with16(record, ruleLayout.pathBytes, 500), 'no room for its path'],
      ['that is no more than a piece of a header', (record) => record.subarray(0, 8), 'no room for a header'],
    ];
    for (const [what, spoil, message] of faults) {
      it(`refuses a request ${what}`, () => {
        const { stdout, stderr, status } = read(spoil(rule('/bin/sh')));
        assert.deepEqual([stdout, stderr, status], ['', `${message}\n`, 1]);
      });
    }
  });
}

/** The fields that C has printed, a line each: `upload_bytes=5` is uploadBytes. */
function numbersOf(text: string): Record<string, number> {
  const fields = [...text.matchAll(/^(\w+)=(\d+)$/gmu)].map(([, name = '', value]) => [
    name.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase()),
    Number(value),
  ]);
  return Object.fromEntries(fields) as Record<string, number>;
}

function rule(path: string): Buffer {
  const tail = Buffer.from(path);
  const record = Buffer.alloc(ruleLayout.size + Math.ceil(tail.length / 8) * 8);
  record.writeUInt32LE(protocol.magic, ruleLayout.headerMagic);
  record.writeUInt16LE(protocol.protocolVersion, ruleLayout.headerVersion);
  record.writeUInt16LE(recordType.rule, ruleLayout.headerType);
  record.writeUInt32LE(record.length, ruleLayout.headerSize);
  record.writeUInt32LE(1, ruleLayout.identityProcessId);
  record.writeUInt32LE(2, ruleLayout.identityImage);
  record.writeBigUInt64LE(0x0010000000000001n, ruleLayout.identityStartTime);
  record.writeBigUInt64LE(4n, ruleLayout.ruleId);
  record.writeBigUInt64LE(5n, ruleLayout.uploadLimit);
  record.writeBigUInt64LE(6n, ruleLayout.downloadLimit);
  record.writeUInt32LE(7, ruleLayout.processes);
  record.writeUInt8(ruleTarget.path, ruleLayout.target);
  record.writeUInt8(ruleFlag.shared | ruleFlag.policy, ruleLayout.flags);
  record.writeUInt16LE(tail.length, ruleLayout.pathBytes);
  tail.copy(record, ruleLayout.size);
  return record;
}

function with16(record: Buffer, offset: number, value: number): Buffer {
  record.writeUInt16LE(value, offset);
  return record;
}
