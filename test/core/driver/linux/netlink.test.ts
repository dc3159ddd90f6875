import assert from 'node:assert/strict';
import { NetFlowError } from '../../../../core/errors.js';
import { bringUp, deleteLink, withoutAddresses } from '../../../../core/driver/linux/netlink/links.js';
import {
  attribute,
  message,
  nested,
  numberOf,
  parseAnswer,
  parseAttributes,
  parseMessages,
  textOf,
} from '../../../../core/driver/linux/netlink/message.js';
import {
  deleteClass,
  setClassifier,
  setHtb,
  setHtbClass,
} from '../../../../core/driver/linux/netlink/traffic-control.js';

const device = 1_313_361_921;

describe('netlink', () => {
  // What iproute2 6.1 sends for the same, without acknowledgement and sequence number, which the socket adds.
  for (const { name, request, expected } of [
    {
      name: 'ip link set up',
      request: bringUp(device),
      expected: '20000000 1000 0100 00000000 00000000 00000000 0150484e 01000000 01000000',
    },
    {
      name: 'ip link set addrgenmode none',
      request: withoutAddresses(device),
      expected:
        '30000000 1000 0100 00000000 00000000 00000000 0150484e 00000000 00000000 10001a00 0c000a00 05000800 01000000',
    },
    {
      name: 'ip link delete',
      request: deleteLink(device),
      expected: '20000000 1100 0100 00000000 00000000 00000000 0150484e 00000000 00000000',
    },
    {
      name: 'tc qdisc replace root handle 1: stab overhead -86 linklayer ethernet htb default 0',
      request: setHtb({ device, handle: 0x1_0000 }, -86),
      expected:
        '68000000 2400 0105 00000000 00000000 00000000 0150484e 00000100 ffffffff 00000000 08000100 68746200' +
        '1c000200 18000200 03000000 0a000000 00000000 00000000 00000000' +
        '20000800 1c000100 00000000 aaffffff 01000000 00000000 00000000 00000000',
    },
    {
      name: 'tc filter replace parent 1: handle 1 prio 1 protocol all bpf da object-pinned P classid 1:',
      request: setClassifier({ device, handle: 0x1_0000 }, { fd: 4, name: 'netflow_classify:[*fsobj]' }),
      expected:
        '68000000 2c00 0104 00000000 00000000 00000000 0150484e 01000000 00000100 00030100 08000100 62706600' +
        '3c000200 08000300 00000100 08000600 04000000' +
        '1e000700 6e6574666c6f775f636c6173736966793a5b2a66736f626a5d000000 08000800 01000000',
    },
    {
      name: 'tc class delete classid 1:5',
      request: deleteClass({ device, handle: 0x1_0005 }),
      expected: '24000000 2900 0100 00000000 00000000 00000000 0150484e 05000100 00000000 00000000',
    },
  ]) {
    it(`asks as ${name}`, () => {
      assert.equal(request.message.toString('hex'), expected.replaceAll(' ', ''));
    });
  }

  for (const [rate, ticks, rate32, rate64] of [
    [1_000_000, 156_250, 1_000_000, undefined],
    [0xffff_ffff, 156_250, 0xffff_ffff, undefined],
    [100_000_000_000, 156_250, 0xffff_ffff, 100_000_000_000n],
  ] as const) {
    it(`a class of ${rate} bytes per second has its burst as a time, and a large rate in 64 bits`, () => {
      const { message: sent } = setHtbClass(
        { device, handle: 0x1_0002 },
        { rate, burstSeconds: 0.01, quantum: 60_000 },
      );
      const options = nested(parseAttributes(sent, 36), 2);
      const parameters = options.get(1) ?? Buffer.alloc(0);
      assert.equal(parameters.length, 44);
      assert.deepEqual(
        [8, 20, 24, 28, 32].map((at) => parameters.readUInt32LE(at)),
        [rate32, rate32, ticks, ticks, 60_000],
      );
      assert.deepEqual(
        [6, 7].map((type) => options.get(type)?.readBigUInt64LE()),
        [rate64, rate64],
      );
    });
  }

  it('attributes are found again, whatever lies beside them', () => {
    const list = [attribute(1, 'veth'), attribute(2, [attribute(7, 'x'), attribute(8, 5)]), attribute(0x8003, 9n)];
    const attributes = parseAttributes(Buffer.concat([Buffer.alloc(16, 0xff), ...list]), 16);
    assert.equal(textOf(attributes, 1), 'veth');
    assert.equal(numberOf(nested(attributes, 2), 8), 5);
    assert.equal(attributes.get(3)?.readBigUInt64LE(), 9n);
    assert.equal(numberOf(attributes, 99), undefined);
    assert.throws(() => attribute(1, Buffer.alloc(1 << 16)), /an attribute of 65540 bytes/u);
  });

  it("answers have the kernel's number and words", () => {
    const [number, header] = [Buffer.from(Int32Array.of(-17).buffer), Buffer.alloc(16, 0xaa)];
    const [error, done] = [2, 3];
    const [hasText, capped] = [0x200, 0x100];
    const text = attribute(1, 'No such kind.');
    assert.deepEqual(answer(error, capped, number, header), { errno: 17, text: '' });
    assert.deepEqual(answer(error, capped | hasText, number, header, text), { errno: 17, text: 'No such kind.' });
    assert.deepEqual(answer(done, hasText, number, text), { errno: 17, text: 'No such kind.' });
    assert.deepEqual(answer(done, 0, Buffer.alloc(4)), { errno: 0, text: '' });
  });

  for (const { name, data } of [
    { name: 'less than a header', data: '1000' },
    { name: 'a length of 0, which would never end', data: '00000000 0000 0000 00000000 00000000' },
    { name: 'a length less than a header', data: '0f000000 0000 0000 00000000 00000000' },
    { name: 'a length beyond the end', data: '11000000 0000 0000 00000000 00000000' },
    { name: 'bytes after the last message', data: '10000000 0000 0000 00000000 00000000 1000' },
  ]) {
    it(`refuses a message with ${name}`, () => {
      assert.throws(() => parseMessages(Buffer.from(data.replaceAll(' ', ''), 'hex')), unreadable);
    });
  }

  for (const { name, data } of [
    { name: 'less than a header', data: '0400' },
    { name: 'a length of 0', data: '00000100' },
    { name: 'a length beyond the end', data: '09000100 00000000' },
  ]) {
    it(`refuses an attribute with ${name}`, () => {
      assert.throws(() => parseAttributes(Buffer.from(data.replaceAll(' ', ''), 'hex')), unreadable);
    });
  }

  it('refuses an answer, a structure and a number that are too short', () => {
    assert.throws(() => answer(2, 0, Buffer.alloc(3)), unreadable);
    assert.throws(() => parseAttributes(Buffer.alloc(15), 16), unreadable);
    assert.throws(() => numberOf(new Map([[1, Buffer.alloc(3)]]), 1), unreadable);
  });

  it('reads or refuses whatever comes, and never what lies behind it', () => {
    const seed = Number(process.env['NETFLOW_TEST_SEED'] ?? Date.now() % 2 ** 31);
    const random = randomNumbers(seed);
    const valid = message(16, 0, Buffer.alloc(16), [
      attribute(1, 'kind'),
      attribute(2, [attribute(3, 4), attribute(5, 6n)]),
    ]);
    for (let round = 0; round < 20_000; round++) {
      const data = Buffer.from(Buffer.concat([valid, valid]).subarray(0, random(2 * valid.length + 1)));
      for (let change = random(4); change > 0 && data.length > 0; change--) data[random(data.length)] = random(256);
      assert.ok(readAll(data) <= data.length, `seed ${seed}, round ${round}: ${data.toString('hex')}`);
    }
  });
});

const unreadable = { name: 'NetFlowError', message: /^The kernel's answer can't be read: .*\.$/u };

function answer(type: number, flags: number, ...body: readonly Buffer[]): ReturnType<typeof parseAnswer> {
  return parseAnswer({ type, flags, sequence: 1, body: Buffer.concat(body) });
}

/** How many bytes of values were read; any other error than the one that refuses ends the test. */
function readAll(data: Buffer): number {
  let bytes = 0;
  try {
    for (const { body } of parseMessages(data)) {
      const attributes = parseAttributes(body, 16);
      for (const value of [...nested(attributes, 2).values(), attributes.get(1)]) bytes += value?.length ?? 0;
      numberOf(attributes, 2);
      textOf(attributes, 1);
    }
  } catch (error) {
    if (!(error instanceof NetFlowError)) throw error;
  }
  return bytes;
}

/** Mulberry32: whole numbers below a bound, the same for the same seed. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
