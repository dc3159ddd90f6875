import assert from 'node:assert/strict';
import { formatBytes, formatDuration, formatSpeed } from '../../core/units.js';

describe('units', () => {
  const bytes: [number, string][] = [
    [0, '0 B'],
    [1, '1 B'],
    [0.4, '0 B'],
    [999, '999 B'],
    [1023, '1023 B'],
    [1023.6, '1.0 KB'],
    [1024, '1.0 KB'],
    [1434, '1.4 KB'],
    [12.3 * 1024 ** 2, '12.3 MB'],
    [99.96 * 1024, '100 KB'],
    [512 * 1024, '512 KB'],
    [1024 ** 2 - 1, '1.0 MB'],
    [1024 ** 3 - 1, '1.0 GB'],
    [1024 ** 4, '1.0 TB'],
    [3.5 * 1024 ** 5, '3.5 PB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PB'],
    [5000 * 1024 ** 5, '5000 PB'],
  ];
  for (const [value, text] of bytes) {
    it(`writes ${value} bytes as ${text}`, () => assert.equal(formatBytes(value), text));
  }

  it('writes a speed as bytes per second', () => assert.equal(formatSpeed(1.4 * 1024 ** 2), '1.4 MB/s'));

  const durations: [number, string][] = [
    [0, '0 ms'],
    [350, '350 ms'],
    [999.6, '1.0 s'],
    [1400, '1.4 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_500, '1 h 00 min'],
    [3_720_000, '1 h 02 min'],
    [86_399_999, '1 d 00 h'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 04 h'],
  ];
  for (const [value, text] of durations) {
    it(`writes ${value} ms as ${text}`, () => assert.equal(formatDuration(value), text));
  }
});
