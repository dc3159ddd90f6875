import assert from 'node:assert/strict';
import { Chalk } from 'chalk';
import { viewLines, orderBy, orders, type View } from '../../../bin/output/view.js';
import { drawing } from '../../../bin/output/screen.js';
import { displayWidth } from '../../../bin/output/text.js';
import { processFields } from '../../../core/index.js';
import { processTraffic, snapshotOf } from '../support/records.js';

const view: View = {
  ...{ width: 100, height: 24, order: orderBy(undefined), paused: false, keys: true },
  ...{ fields: processFields, top: Infinity, colours: new Chalk({ level: 0 }) },
};

const processes = [
  { processId: 1, processName: 'beta', uploadBytes: 5, downloadBytes: 9, uploadSpeed: 7, downloadSpeed: 1 },
  { processId: 2, processName: 'Alpha', uploadBytes: 8, downloadBytes: 1, uploadSpeed: 2, downloadSpeed: 6 },
  { processId: 3, processName: 'gamma', uploadBytes: 2, downloadBytes: 30, uploadSpeed: 9, downloadSpeed: 0 },
].map(processTraffic);

describe('live table', () => {
  it('has the totals on top and the keys at the bottom', () => {
    const lines = viewLines(snapshotOf(processes), view);
    assert.match(lines[0] ?? '', /up 1\.0 KB\/s \(2\.0 KB\) {2}down 2\.0 KB\/s \(3\.0 MB\) {2}3 processes$/);
    assert.match(lines.at(-1) ?? '', /^q quit .*sorted by bytes$/);
  });

  it('names no keys where there is no keyboard', () => {
    assert.equal(viewLines(snapshotOf(processes), { ...view, keys: false }).at(-1), 'sorted by bytes');
  });

  const many = Array.from({ length: 500 }, (_, index) =>
    processTraffic({ processId: index + 1, processName: '漢'.repeat(90) }),
  );
  for (const height of [1, 2, 3, 4, 5, 10, 24, 80]) {
    for (const width of [12, 40, 80, 200]) {
      it(`fills ${width} by ${height} exactly`, () => {
        const lines = viewLines(snapshotOf(many), { ...view, width, height });
        assert.equal(lines.length, height);
        assert.deepEqual(
          lines.filter((line) => displayWidth(line) > width),
          [],
        );
      });
    }
  }

  const sorted: [string, number[]][] = [
    ['u', [3, 1, 2]],
    ['d', [2, 1, 3]],
    ['U', [2, 1, 3]],
    ['D', [3, 1, 2]],
    ['n', [2, 1, 3]],
    ['p', [1, 2, 3]],
  ];
  for (const [key, ids] of sorted) {
    it(`key ${key} sorts by ${orders[key]?.label}`, () => {
      const order = orders[key] ?? assert.fail();
      assert.deepEqual(shownIds({ ...view, order }), ids);
    });
  }

  it('begins with the most bytes on top', () => assert.deepEqual(shownIds(view), [3, 1, 2]));

  it('begins with the field that was asked for', () => {
    assert.deepEqual(shownIds({ ...view, order: orderBy('processName') }), [2, 1, 3]);
    assert.deepEqual(shownIds({ ...view, order: orderBy('uploadSpeed') }), [3, 1, 2]);
  });

  it('cuts to the top rows after sorting', () => {
    assert.deepEqual(shownIds({ ...view, order: orders['d'] ?? assert.fail(), top: 1 }), [2]);
  });

  it('is drawn over the last one, line by line, without clearing the screen', () => {
    const text = drawing(['one', 'full!'], 5);
    assert.equal(text, '\x1b[Hone\x1b[K\r\nfull!\x1b[J');
  });
});

function shownIds(shown: View): number[] {
  return viewLines(snapshotOf(processes), shown)
    .slice(3)
    .filter((line) => /^ *\d/.test(line))
    .map((line) => Number.parseInt(line));
}
