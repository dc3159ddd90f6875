import assert from 'node:assert/strict';
import { sidText } from '../../../../core/driver/windows/accounts.js';

describe('security identifiers', () => {
  const texts: [string, string][] = [
    ['010100000000000512000000', 'S-1-5-18'],
    ['01020000000000052000000020020000', 'S-1-5-32-544'],
    ['010500000000000515000000a065cf7e784b9b5fe77c8770f4010000', 'S-1-5-21-2127521184-1604012920-1887927527-500'],
    ['01010000ffffffff12000000', 'S-1-4294967295-18'],
  ];
  for (const [hex, text] of texts)
    it(`are written as ${text}`, () => assert.equal(sidText(Buffer.from(hex, 'hex')), text));

  it('that are cut have no text', () => assert.equal(sidText(Buffer.from('0105000000000005', 'hex')), ''));
});
