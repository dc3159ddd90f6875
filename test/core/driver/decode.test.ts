import assert from 'node:assert/strict';
import { ipv4Text, ipv6Text } from '../../../core/driver/address.js';
import { decodeReply } from '../../../core/driver/decode.js';
import {
  connectionLayout,
  processFlag,
  processLayout,
  protocol,
  recordType,
} from '../../../core/driver/protocol.generated.js';
import { NetFlowError } from '../../../core/errors.js';

const context = { bootTime: 0, userName: String };

describe('a reply', () => {
  it('of nothing is empty', () => {
    assert.deepEqual(decodeReply(Buffer.alloc(0), context).processes, []);
  });

  it('may have types of record that are not known here', () => {
    const unknown = header(9999, 24, Buffer.alloc(24));
    assert.equal(decodeReply(Buffer.concat([unknown, process_('/bin/sh')]), context).processes.length, 1);
  });

  it('may have larger records than are known here', () => {
    const larger = Buffer.concat([connection(), Buffer.alloc(16)]);
    larger.writeUInt32LE(larger.length, connectionLayout.headerSize);
    assert.equal(decodeReply(Buffer.concat([larger, connection()]), context).connections.length, 2);
  });

  it('of another version says how to get the right driver', () => {
    const other = connection();
    other.writeUInt16LE(protocol.protocolVersion + 1, connectionLayout.headerVersion);
    assert.throws(() => decodeReply(other, context), { code: 'DRIVER_MISMATCH', message: /netflow driver stop/u });
  });

  const faults: [string, (record: Buffer) => void][] = [
    ['another magic', (record) => record.writeUInt32LE(1, connectionLayout.headerMagic)],
    ['size 0', (record) => record.writeUInt32LE(0, connectionLayout.headerSize)],
    ['a size below its struct', (record) => record.writeUInt32LE(104, connectionLayout.headerSize)],
    ['a size beyond the reply', (record) => record.writeUInt32LE(120, connectionLayout.headerSize)],
    ['the largest size', (record) => record.writeUInt32LE(0xffff_fff8, connectionLayout.headerSize)],
    ['a size that is no multiple of 8', (record) => record.writeUInt32LE(113, connectionLayout.headerSize)],
    ['an unknown family', (record) => record.writeUInt8(5, connectionLayout.family)],
    ['an unknown transport', (record) => record.writeUInt8(132, connectionLayout.transport)],
    ['an unknown state', (record) => record.writeUInt8(200, connectionLayout.state)],
  ];
  for (const [what, spoil] of faults) {
    it(`with ${what} is malformed`, () => {
      const record = connection();
      spoil(record);
      assert.throws(() => decodeReply(record, context), { code: 'FAILED', message: /malformed record at byte 0: / });
    });
  }

  it('whose path is longer than its record is malformed', () => {
    const record = process_('/bin/sh');
    record.writeUInt16LE(9, processLayout.pathBytes);
    assert.throws(() => decodeReply(record, context), { code: 'FAILED' });
  });

  it('that is cut off anywhere is malformed', () => {
    const whole = Buffer.concat([connection(), process_('/bin/sh')]);
    for (let length = 1; length < whole.length; length++) {
      if (length === connectionLayout.size) continue;
      assert.throws(() => decodeReply(whole.subarray(0, length), context), { code: 'FAILED' }, `${length} bytes`);
    }
  });

  it('of any bytes at all gives records or a NetFlowError', () => {
    const whole = Buffer.concat([process_('/bin/sh'), connection(), process_('')]);
    let random = 12345;
    const next = (limit: number): number => (random = (random * 1103515245 + 12345) % 2147483648) % limit;
    for (let round = 0; round < 50_000; round++) {
      const bytes = Buffer.from(whole.subarray(0, 1 + next(whole.length)));
      for (let changes = next(4); changes > 0; changes--) bytes.writeUInt8(next(256), next(bytes.length));
      try {
        decodeReply(bytes, context);
      } catch (error) {
        assert.ok(error instanceof NetFlowError, String(error));
      }
    }
  });
});

describe("a process's name and path", () => {
  const cases: [string, Buffer, string, string | null][] = [
    ['are those of its executable', process_('/usr/bin/python3'), 'python3', '/usr/bin/python3'],
    ['may have any characters', process_('/tmp/a b\n/naïve 日本'), 'naïve 日本', '/tmp/a b\n/naïve 日本'],
    ['may be no UTF-8', process_(Buffer.from([0x2f, 0xff, 0x61])), '\ufffda', '/\ufffda'],
    ['are short and none for a kernel thread', process_('', processFlag.kernel), 'short', null],
    ['are short and none for a memfd', process_('/memfd:x', processFlag.pathMemory), 'short', null],
    ['are kept when the file is deleted', process_('/tmp/gone', processFlag.deleted), 'gone', '/tmp/gone'],
    ['show where the front is missing', process_('/deep/er', processFlag.pathCut), 'er', '…/deep/er'],
    ['may be UTF-16', process_(Buffer.from('C:\\a\\b.exe', 'utf16le'), processFlag.pathUtf16), 'b.exe', 'C:\\a\\b.exe'],
  ];
  for (const [what, record, name, path] of cases) {
    it(what, () => {
      const [decoded] = decodeReply(record, context).processes;
      assert.deepEqual([decoded?.name, decoded?.path], [name, path]);
    });
  }

  it('end with the field where the short name fills it', () => {
    const record = process_('');
    record.write('0123456789abcdef', processLayout.name, 'latin1');
    assert.equal(decodeReply(record, context).processes[0]?.name, '0123456789abcdef');
  });
});

describe('addresses', () => {
  const addresses: [string, string][] = [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['fe80000000000000000000000000abcd', 'fe80::abcd'],
    ['00010000000000000002000000000000', '1::2:0:0:0'],
    ['00000000000000000000ffff7f000001', '::ffff:127.0.0.1'],
    ['ffffffffffffffffffffffffffffffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['20010000000000000000000000000000', '2001::'],
  ];
  for (const [bytes, text] of addresses) {
    it(`has ${text} as RFC 5952 writes it`, () => {
      assert.equal(ipv6Text(Buffer.from(bytes, 'hex'), 0), text);
    });
  }

  it('of version 4 have dots', () => {
    assert.equal(ipv4Text(Buffer.from([192, 0, 2, 255]), 0), '192.0.2.255');
  });
});

function header(type: number, size: number, record: Buffer): Buffer {
  record.writeUInt32LE(protocol.magic, processLayout.headerMagic);
  record.writeUInt16LE(protocol.protocolVersion, processLayout.headerVersion);
  record.writeUInt16LE(type, processLayout.headerType);
  record.writeUInt32LE(size, processLayout.headerSize);
  return record;
}

function process_(path: string | Buffer, flags = 0): Buffer {
  const tail = Buffer.from(path);
  const record = Buffer.alloc(processLayout.size + Math.ceil(tail.length / 8) * 8);
  record.writeUInt16LE(flags, processLayout.flags);
  record.writeUInt16LE(tail.length, processLayout.pathBytes);
  record.write('short', processLayout.name);
  tail.copy(record, processLayout.size);
  return header(recordType.process, record.length, record);
}

function connection(): Buffer {
  const record = Buffer.alloc(connectionLayout.size);
  record.writeUInt8(4, connectionLayout.family);
  record.writeUInt8(6, connectionLayout.transport);
  record.writeUInt8(1, connectionLayout.state);
  return header(recordType.connection, record.length, record);
}
