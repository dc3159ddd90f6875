import assert from 'node:assert/strict';
import { formatRate, NetFlowError, parseRate } from '../../core/index.js';

describe('rates', () => {
  const rates: [string | number, number | null][] = [
    ['1024', 1024],
    [1_048_576, 1_048_576],
    ['500KB', 512_000],
    ['1.5MB/s', 1_572_864],
    ['1mb', 1_048_576],
    [' 2GB ', 2_147_483_648],
    ['10mbit', 1_250_000],
    ['10Mbit/s', 1_250_000],
    ['100kbit', 12_500],
    ['1gbit', 125_000_000],
    ['.5MB', 524_288],
    ['1000000000000', 1e12],
    ['2048B', 2048],
    ['8KiB', 8192],
    ['1.5mib/s', 1_572_864],
    ['2GiB', 2_147_483_648],
    ['5 MB', 5_242_880],
    ['none', null],
    ['NONE', null],
  ];
  for (const [text, rate] of rates) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseRate(text), rate));
  }

  const none: [string | number, RegExp][] = [
    ['10Mbps', /bits or as bytes: write 10mbit or 10MB\.$/u],
    ['10Mb/s', /write 10mbit or 10MB/u],
    ['1.5gbps', /write 1\.5gbit or 1\.5GB/u],
    ['8Mib', /write 8mbit or 8MB/u],
    ['1023', /1KB \(a second\) or more/u],
    ['8kbit', /or more/u],
    [0, /or none for no limit/u],
    [-1, /^Invalid rate/u],
    [NaN, /^Invalid rate/u],
    [Infinity, /^Invalid rate/u],
    [1e300, /Invalid rate "1e\+300"/u],
    [1e20, /too high/u],
    ['1e300', /^Invalid rate/u],
    ['9'.repeat(400), /^Invalid rate/u],
    ['1000000000001', /too high/u],
    ['', /^Invalid rate/u],
    ['fast', /^Invalid rate/u],
    ['0x400', /^Invalid rate/u],
    ['1,5MB', /: write 1\.5MB\.$/u],
    ['1,500,000', /: write it like/u],
    ['1.MB', /^Invalid rate/u],
    ['5MB/h', /^Invalid rate/u],
    ['5 parsecs', /^Invalid rate/u],
  ];
  for (const [text, message] of none) {
    it(`refuses ${JSON.stringify(text).slice(0, 30)} in one line`, () => {
      assert.throws(
        () => parseRate(text),
        (error: unknown) => {
          assert.ok(error instanceof NetFlowError);
          assert.equal(error.code, 'INVALID_ARGUMENT');
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/u);
          return true;
        },
      );
    });
  }

  it('writes what it reads as the same rate', () => {
    for (const rate of [1024, 1025, 512_000, 1_572_864, 1_250_000, 2 ** 30, 1e12, 1_048_577, 10_485_760, null]) {
      assert.equal(parseRate(formatRate(rate)), rate, formatRate(rate));
    }
    assert.deepEqual([512_000, 1_572_864, 2 ** 30, 1_250_000, 1_230_000, 1025, null].map(formatRate), [
      '500KB',
      '1.5MB',
      '1GB',
      '10mbit',
      '9840kbit',
      '1025',
      'none',
    ]);
  });
});
