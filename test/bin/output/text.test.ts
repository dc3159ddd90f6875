import assert from 'node:assert/strict';
import { displayWidth, printable, toAscii, truncate, truncateMiddle, wrap } from '../../../bin/output/text.js';
import { hostileNames } from '../support/records.js';

describe('text for a terminal', () => {
  for (const name of hostileNames) {
    it(`has nothing in it that drives one: ${JSON.stringify(name)}`, () => {
      assert.doesNotMatch(printable(name), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]/u);
      assert.equal(Buffer.from(printable(name)).toString(), printable(name));
    });
  }

  for (const name of ['nginx: worker process', 'naïve', '漢字', '😀', 'ᄒ', "it's 100% fine"]) {
    it(`leaves ${name} as it is`, () => assert.equal(printable(name), name));
  }

  it('replaces each hostile character by one that shows', () => {
    assert.equal(printable('a\x1b[31mb\n'), 'a\ufffd[31mb\ufffd');
  });

  const widths: [string, number][] = [
    ['', 0],
    ['curl', 4],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['漢字', 4],
    ['😀', 2],
    ['…', 1],
    ['\x1b[1mbold\x1b[22m', 4],
  ];
  for (const [text, width] of widths) {
    it(`takes ${width} columns for ${JSON.stringify(text)}`, () => assert.equal(displayWidth(text), width));
  }

  const cuts: [string, number, string][] = [
    ['curl', 4, 'curl'],
    ['curls', 4, 'cur…'],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
    ['漢字漢字', 6, '漢字…'],
    ['curl', 1, '…'],
    ['curl', 0, ''],
  ];
  for (const [text, columns, cut] of cuts) {
    it(`cuts ${text} to ${columns} columns as ${JSON.stringify(cut)}`, () => {
      assert.equal(truncate(text, columns), cut);
      assert.ok(displayWidth(cut) <= columns);
    });
  }

  it('cuts a path in its middle', () => {
    assert.equal(truncateMiddle('/usr/lib/firefox', 16), '/usr/lib/firefox');
    assert.equal(truncateMiddle('/usr/lib/firefox/firefox', 16), '/usr/…ox/firefox');
    assert.equal(truncateMiddle('/漢字/漢字/漢字', 10), '/漢…/漢字');
    assert.equal(truncateMiddle('/usr/lib', 3), '/u…');
  });

  it('breaks lines at spaces', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('longerthanaline ok', 7), ['longerthanaline', 'ok']);
  });

  it('takes as many columns in ASCII', () => {
    assert.equal(toAscii('naïve 漢字… \x1b[1m'), 'na?ve ????~ \x1b[1m');
  });
});
