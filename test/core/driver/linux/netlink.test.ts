import assert from 'node:assert/strict';
import { NetFlowError } from '../../../../core/errors.js';
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
import { randomNumbers, seed } from '../../../support/random.js';

describe('netlink', () => {
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
    const random = randomNumbers();
    const valid = message(16, 0, Buffer.alloc(16), [
      attribute(1, 'kind'),
      attribute(2, [attribute(3, 4), attribute(5, 6n)]),
    ]);
    for (let round = 0; round < 20_000; round++) {
      const data = Buffer.from(Buffer.concat([valid, valid]).subarray(0, random(2 * valid.length + 1)));
      for (let change = random(4); change > 0 && data.length > 0; change--) data[random(data.length)] = random(256);
      assert.ok(readAll(data) <= data.length, `NETFLOW_SEED=${seed}, round ${round}: ${data.toString('hex')}`);
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
