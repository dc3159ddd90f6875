import assert from 'node:assert/strict';
import { ipv4Text, ipv6Text } from '../../../core/driver/address.js';
import {
  ConnectionDecoder,
  countSockets,
  decodeConnections,
  decodeNames,
  decodeReply,
} from '../../../core/driver/decode.js';
import {
  connectionLayout,
  descriptionLayout,
  processFlag,
  processLayout,
  protocol,
  recordType,
} from '../../../core/driver/protocol.generated.js';
import { SocketCounter } from '../../../core/driver/socket-counter.js';
import { NetFlowError } from '../../../core/errors.js';
import { randomNumbers, seed } from '../../support/random.js';

const context = { bootTime: 0, userName: String };
const noNames = new Map<string, string>();

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
    const other = connection({ processId: 9, image: 1, low: 1, high: 1 });
    assert.equal(decodeConnections(Buffer.concat([larger, other]), noNames).length, 2);
  });

  it('of another version says how to get the right driver', () => {
    const other = connection();
    other.writeUInt16LE(protocol.protocolVersion + 1, connectionLayout.headerVersion);
    assert.throws(() => decodeReply(other, context), { code: 'DRIVER_MISMATCH', message: /stop it, then start/u });
  });

  const faults: [string, (record: Buffer) => void, string][] = [
    ['another magic', (record) => record.writeUInt32LE(1, connectionLayout.headerMagic), 'it starts with 0x1,'],
    ['size 0', (record) => record.writeUInt32LE(0, connectionLayout.headerSize), 'its size 0 is less'],
    ['a size below its struct', (record) => record.writeUInt32LE(104, connectionLayout.headerSize), 'needs 112'],
    [
      'a size beyond the reply',
      (record) => record.writeUInt32LE(232, connectionLayout.headerSize),
      '224 bytes are left',
    ],
    ['the largest size', (record) => record.writeUInt32LE(0xffff_fff8, connectionLayout.headerSize), 'bytes are left'],
    ['a size that is no multiple of 8', (record) => record.writeUInt32LE(113, connectionLayout.headerSize), 'of 8'],
    ['an unknown family', (record) => record.writeUInt8(5, connectionLayout.family), 'family is 5'],
    ['an unknown transport', (record) => record.writeUInt8(133, connectionLayout.transport), 'transport is 133'],
    ['an unknown state', (record) => record.writeUInt8(200, connectionLayout.state), 'state is 200'],
  ];
  for (const [what, spoil, reason] of faults) {
    it(`with ${what} is malformed`, () => {
      // With another record behind it, so that a wrong size is not found by the end of the reply alone.
      const reply = Buffer.concat([connection(), connection()]);
      spoil(reply);
      assert.throws(
        () => decodeConnections(reply, noNames),
        ({ code, message }: NetFlowError) => {
          assert.equal(code, 'FAILED');
          assert.ok(message.startsWith('The driver sent a malformed record at byte 0: '), message);
          assert.ok(message.includes(reason), message);
          return true;
        },
      );
    });
  }

  it('whose path is longer than its record is malformed', () => {
    const record = process_('/bin/sh');
    record.writeUInt16LE(9, processLayout.pathBytes);
    assert.throws(() => decodeReply(record, context), { code: 'FAILED' });
  });

  it('whose SID is longer than its record is malformed', () => {
    const record = process_('/bin/sh');
    record.writeUInt16LE(2, processLayout.sidBytes);
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
    const next = randomNumbers();
    for (let round = 0; round < 50_000; round++) {
      const bytes = Buffer.from(whole.subarray(0, 1 + next(whole.length)));
      for (let changes = next(4); changes > 0; changes--) bytes.writeUInt8(next(256), next(bytes.length));
      try {
        decodeReply(bytes, context);
        decodeConnections(bytes, decodeNames(bytes));
      } catch (error) {
        assert.ok(error instanceof NetFlowError, `NETFLOW_SEED=${seed}: ${String(error)}`);
      }
    }
  });
});

describe('connections in pieces', () => {
  const names = (name: string): Map<string, string> => new Map([['1:0:3:2', name]]);
  const [known, unknown] = [
    { processId: 1, image: 2, high: 0, low: 3 },
    { processId: 9, image: 2, high: 0, low: 3 },
  ];

  it('have the names that are known before, and ask again for those of other processes', () => {
    const decoder = new ConnectionDecoder(names('before'));
    decoder.add(connection(known));
    decoder.add(connection(unknown));
    const now = new Map([...names('after'), ['9:0:3:2', 'new']]);
    assert.deepEqual(
      decoder.finish(() => now).map(({ processName }) => processName),
      ['before', 'new'],
    );
  });

  it('do not ask where all are known', () => {
    const decoder = new ConnectionDecoder(names('before'));
    decoder.add(connection(known));
    assert.equal(decoder.finish(() => assert.fail('asked')).length, 1);
  });
});

describe('an identity', () => {
  const second: [string, Identifying, string][] = [
    ['process', { processId: 9 }, '9:3:4:2'],
    ['image', { image: 9 }, '1:3:4:9'],
    ['low half of its start time', { low: 9 }, '1:3:9:2'],
    ['high half of its start time', { high: 9 }, '1:9:4:2'],
  ];
  for (const [what, change, identity] of second) {
    it(`differs by the ${what} alone`, () => {
      const first = { processId: 1, image: 2, high: 3, low: 4 };
      const reply = Buffer.concat([connection(first), connection({ ...first, ...change })]);
      const counter = new SocketCounter();
      countSockets(reply, counter);
      assert.deepEqual([...counter.counts().keys()], ['1:3:4:2', identity]);
    });
  }
});

describe('a UDP socket', () => {
  it('has no state, whatever number the kernel has for it', () => {
    const record = connection();
    record.writeUInt8(17, connectionLayout.transport);
    assert.equal(decodeConnections(record, noNames)[0]?.state, '');
  });
});

describe("a process's user", () => {
  it('is asked for with the SID that stands behind the path', () => {
    const record = process_('/bin/shSID');
    record.writeUInt16LE(7, processLayout.pathBytes);
    record.writeUInt16LE(3, processLayout.sidBytes);
    const userName = (id: number, sid: Buffer | undefined): string => `${id} ${sid?.toString()}`;
    assert.equal(decodeReply(record, { bootTime: 0, userName }).processes[0]?.user, '0 SID');
  });
});

describe("a process's description", () => {
  const described = (kept: string, service = '', processId = 0): Buffer => {
    const record = header(recordType.description, descriptionLayout.size, Buffer.alloc(descriptionLayout.size));
    record.writeUInt32LE(processId, descriptionLayout.identityProcessId);
    record.writeUInt32LE(Buffer.byteLength(kept), descriptionLayout.commandBytes);
    record.write(kept.slice(0, protocol.commandBytes), descriptionLayout.command);
    record.write(service, descriptionLayout.service);
    return record;
  };
  const decoded = (...records: Buffer[]) => {
    const [process] = decodeReply(Buffer.concat(records), context).processes;
    return [process?.commandLine, process?.service];
  };

  it('stands behind it', () => {
    assert.deepEqual(decoded(process_('/bin/sh')), [null, null]);
    assert.deepEqual(decoded(process_('/bin/sh'), described('sh\0-x\0', 'ssh.service')), ['sh -x', 'ssh.service']);
    assert.deepEqual(decoded(process_('/bin/sh'), described('')), [null, null]);
  });

  it('says where it is only the beginning', () => {
    const [commandLine] = decoded(process_('/bin/sh'), described(`sh\0${'x'.repeat(300)}`));
    assert.equal(commandLine, `sh ${'x'.repeat(253)}…`);
  });

  it('of another process is none of this one', () => {
    assert.deepEqual(decoded(process_('/bin/sh'), described('no', '', 9)), [null, null]);
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
    // Nine bytes of path, so that a NUL follows it: the name must end before.
    const record = process_('/memfd:xy', processFlag.pathMemory);
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
    ['00000000000000000000ffff7f000001', '127.0.0.1'],
    ['ffffffffffffffffffffffffffffffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['20010000000000000000000000000000', '2001::'],
    ['0001001001001000000f00ff0fffffff', '1:10:100:1000:f:ff:fff:ffff'],
    ['00000000000000000000ffff00000000', '0.0.0.0'],
    ['00000000000000000000000100020003', '::1:2:3'],
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

interface Identifying {
  processId?: number;
  image?: number;
  low?: number;
  high?: number;
}

function connection({ processId = 0, image = 0, low = 0, high = 0 }: Identifying = {}): Buffer {
  const record = Buffer.alloc(connectionLayout.size);
  record.writeUInt32LE(processId, connectionLayout.identityProcessId);
  record.writeUInt32LE(image, connectionLayout.identityImage);
  record.writeUInt32LE(low, connectionLayout.identityStartTime);
  record.writeUInt32LE(high, connectionLayout.identityStartTime + 4);
  record.writeUInt8(4, connectionLayout.family);
  record.writeUInt8(6, connectionLayout.transport);
  record.writeUInt8(1, connectionLayout.state);
  return header(recordType.connection, record.length, record);
}
