import assert from 'node:assert/strict';
import { decodePayload, encodeFrame, headerBytes, replies, type Table } from '../../../psmodule/bridge/wire.js';
import { randomNumbers, seed } from '../../support/random.js';

const payloadOf = (...tables: Table[]): Buffer => encodeFrame(replies.last, tables).subarray(headerBytes);

describe('a message', () => {
  it('begins with the length of its payload and its kind', () => {
    const message = encodeFrame(replies.error, [[['NOT_FOUND', 'no']]]);
    assert.equal(message.readUInt32LE(), message.length - 5);
    assert.equal(message[4], replies.error);
  });

  it('has the bytes that the other side reads', () => {
    const golden = [
      ...['01000000', '02000000', 'c3a4'], // one text of two bytes: ä
      ...['01000000', '02000000', '02000000'], // one table of two rows and two columns
      ...['0000000000000000', '000000000000f87f'], // the text with number 0, null
      ...['000000000000f03f', '000000000000f0bf'], // true, -1
    ];
    const table = [
      ['ä', null],
      [true, -1],
    ];
    assert.equal(payloadOf(table).toString('hex'), golden.join(''));
  });

  it('carries each text once', () => {
    const { texts, tables } = decodePayload(payloadOf([['root'], ['nobody'], ['root']], [['nobody']]));
    assert.deepEqual(texts, ['root', 'nobody']);
    assert.deepEqual(tables, [[[0], [1], [0]], [[1]]]);
  });

  for (const value of [0, -1, 1.5, 2 ** 53 - 1, -(2 ** 53) + 1]) {
    it(`carries ${value} as it is`, () => {
      assert.deepEqual(decodePayload(payloadOf([[value]])).tables, [[[value]]]);
    });
  }

  it('may have tables without rows, and none at all', () => {
    assert.deepEqual(decodePayload(payloadOf([], [])).tables, [[], []]);
    assert.deepEqual(decodePayload(payloadOf()).tables, []);
  });
});

describe('what is no message', () => {
  const whole = payloadOf([['one', 1]], [[2]]);

  it('is refused wherever it has been cut off', () => {
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => decodePayload(whole.subarray(0, length)), RangeError, `${length} bytes`);
    }
  });

  for (const [what, columns] of [
    ['rows without columns', 0],
    ['more cells than there are bytes', 2 ** 32 - 1],
  ] as const) {
    it(`is refused before it takes memory: ${what}`, () => {
      const bytes = Buffer.alloc(16);
      bytes.writeUInt32LE(1, 4);
      bytes.writeUInt32LE(2 ** 32 - 1, 8);
      bytes.writeUInt32LE(columns, 12);
      assert.throws(() => decodePayload(bytes), RangeError);
    });
  }

  it('never does anything but be refused, whichever of its bytes are changed', () => {
    const below = randomNumbers();
    for (let round = 0; round < 20_000; round++) {
      const changed = Buffer.from(whole);
      for (let change = 0; change < 3; change++) changed[below(changed.length)] = below(256);
      try {
        decodePayload(changed);
      } catch (error) {
        assert(error instanceof RangeError, `NETFLOW_SEED=${seed}: ${changed.toString('hex')}: ${String(error)}`);
      }
    }
  });
});
