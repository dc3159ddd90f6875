import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { Averages } from '../../../../bin/output/live/averages.js';
import { keyHelp } from '../../../../bin/output/live/keys.js';
import { orderBy, orders, reversed } from '../../../../bin/output/live/order.js';
import { Place } from '../../../../bin/output/live/place.js';
import { hasText, processKey, type LiveRow } from '../../../../bin/output/live/row.js';
import { drawing } from '../../../../bin/output/live/screen.js';
import { afterKey, type LiveState } from '../../../../bin/output/live/state.js';
import { connectionLines, helpLines, helpRows, processLines, roomFor } from '../../../../bin/output/live/view.js';
import { displayWidth } from '../../../../bin/output/text.js';
import type { Connection, ProcessTraffic } from '../../../../core/index.js';
import { connectionRecord } from '../../../support/memory-driver.js';
import { projectRoot } from '../../../support/paths.js';
import { processTraffic, snapshotOf } from '../../support/records.js';

const start: LiveState = {
  ...{ order: orderBy(undefined), paused: false, filter: '', typing: false, commands: false, page: 'processes' },
};

const row = (changes: Partial<LiveRow>): LiveRow => ({ averageSpeed: 0, ...processTraffic(changes) });

const processes = [
  row({ processId: 1, processName: 'beta', uploadBytes: 5, downloadBytes: 9, uploadSpeed: 7, downloadSpeed: 1 }),
  row({ processId: 2, processName: 'Alpha', uploadBytes: 8, downloadBytes: 1, uploadSpeed: 2, downloadSpeed: 7 }),
  row({ processId: 3, processName: 'gamma', uploadBytes: 2, downloadBytes: 30, uploadSpeed: 0, downloadSpeed: 0 }),
];

const viewOf = (rows: readonly LiveRow[] = processes, state: Partial<LiveState> = {}, width = 100, height = 24) => ({
  ...{ width, height, colours: new Chalk({ level: 0 }), keys: true, state: { ...start, ...state } },
  ...{ snapshot: snapshotOf([...rows]), rows: rows.toSorted((state.order ?? start.order).compare) },
  ...{ average: 5, exited: false, notice: '' },
});

function linesOf(view: ReturnType<typeof viewOf>, place = new Place<LiveRow>(processKey)): string[] {
  return processLines(view, place.fit(view.rows, roomFor(view)));
}

describe('live table', () => {
  it("has the machine's totals and those of what is shown on top, and the keys at the bottom", () => {
    const lines = linesOf(viewOf());
    assert.match(lines[0] ?? '', /up 1\.0 KB\/s \(2\.0 KB\) +down 2\.0 KB\/s \(3\.0 MB\) +on this machine$/);
    assert.match(lines[1] ?? '', /^shown +up 9 B\/s \(15 B\) +down 8 B\/s \(40 B\) +1-3 of 3$/);
    assert.match(lines.at(-1) ?? '', /^q quit {2}\? help {2}.*sort$/);
    assert.equal(linesOf({ ...viewOf(), keys: false }).at(-1), '');
  });

  it('marks the columns that the order goes by, and shows - for 0', () => {
    assert.match(linesOf(viewOf())[2] ?? '', /Name .* v Up\/s +v Down\/s +5s avg /);
    assert.match(linesOf(viewOf(processes, { order: orderBy('processName') }))[2] ?? '', /\^ Name .* Up\/s/);
    assert.match(linesOf(viewOf(processes, { order: reversed(orderBy('uploadBytes')) }))[2] ?? '', /\^ Upload/);
    assert.match(linesOf(viewOf())[5] ?? '', /gamma +root +- +- +- +2 B +30 B +2 /);
  });

  const many = Array.from({ length: 500 }, (_, index) =>
    row({ processId: index + 1, processName: '漢'.repeat(90), path: '/漢'.repeat(90) }),
  );
  for (const width of [12, 20, 40, 80, 200]) {
    for (const height of [1, 2, 3, 4, 5, 10, 24, 80]) {
      it(`fills ${width} by ${height} exactly, on every page`, () => {
        const connections = Array.from({ length: 90 }, (): Connection => connectionRecord());
        const view = viewOf(many, {}, width, height);
        const room = roomFor(view);
        for (const lines of [
          linesOf(view),
          linesOf({ ...view, state: { ...start, commands: true } }),
          linesOf({ ...view, state: { ...start, typing: true, filter: '漢'.repeat(90) } }),
          helpLines(view, new Place<string>().fit(helpRows(view), room)),
          connectionLines(view, many[0], new Place<Connection>().fit(connections, room)),
        ]) {
          assert.equal(lines.length, height);
          assert.deepEqual(
            lines.filter((line) => displayWidth(line) > width),
            [],
          );
        }
      });
    }
  }

  const layouts: [number, RegExp, RegExp][] = [
    [20, /^Name +v Down\/s$/, /^漢+… +1\.4 MB\/s$/],
    [40, /^PID +Name +v Up\/s +v Down\/s$/, /1\.4 MB\/s$/],
    [80, /^PID +Name +v Up\/s +v Down\/s +5s avg +Upload +Download +Conns$/, /12\.3 MB +2$/],
    [200, /Conns +Path$/, /2 {2}(\/漢)+\/?…漢?(\/漢)+$/],
  ];
  for (const [width, head, first] of layouts) {
    it(`has the columns that matter most at ${width}`, () => {
      const lines = linesOf(viewOf(many.slice(0, 9), {}, width));
      assert.match((lines[2] ?? '').trim(), head);
      assert.match(lines[3] ?? '', first);
    });
  }

  it('makes room for command lines where they are asked for', () => {
    const commandLine = 'java -Xmx2g -jar /opt/app/server.jar';
    const view = viewOf([row({ commandLine })], { commands: true }, 80);
    const [, , head = '', line = ''] = linesOf(view);
    assert.match(head, /Command$/);
    assert.doesNotMatch(head, /Name/);
    assert.ok(line.endsWith(commandLine), line);
  });

  it('says why there is nothing to see', () => {
    assert.match(linesOf(viewOf([])).join('\n'), /There is nothing to show yet/);
    const filtered = { ...viewOf(processes, { filter: 'x' }), rows: [] };
    assert.match(linesOf(filtered).join('\n'), /none {2}\/x\n[^]*No process has "x" in its name/);
  });

  const sorted: [string, number[]][] = [
    ['s', [2, 1, 3]],
    ['u', [1, 2, 3]],
    ['d', [2, 1, 3]],
    ['U', [2, 1, 3]],
    ['D', [3, 1, 2]],
    ['n', [2, 1, 3]],
    ['p', [1, 2, 3]],
  ];
  for (const [key, ids] of sorted) {
    it(`key ${key} sorts by ${orders[key]?.fields.join(' and ')}, and r the other way round`, () => {
      const { order } = afterKey(start, key);
      const idsBy = ({ compare }: typeof order) => processes.toSorted(compare).map(({ processId }) => processId);
      assert.deepEqual(idsBy(order), ids);
      assert.deepEqual(idsBy(afterKey({ ...start, order }, 'r').order), ids.toReversed());
    });
  }

  const filtered: [string, boolean][] = [
    ['CURL', true],
    ['/usr/bin', true],
    ['roo', true],
    ['4711', true],
    ['471', false],
    ['wget', false],
  ];
  for (const [text, fits] of filtered) {
    it(`the filter ${text} has ${fits ? 'curl' : 'nothing'}`, () => {
      const curl: ProcessTraffic = processTraffic({ processId: 4711, processName: 'curl', path: '/usr/bin/curl' });
      assert.equal(hasText(curl, text), fits);
    });
  }

  it('is typed into a filter, keys and all, until Enter or Esc', () => {
    const typed = ['/', 'q', 'x', 'Backspace', ' ', 'Up', '?'].reduce(afterKey, start);
    assert.deepEqual([typed.filter, typed.typing, typed.page], ['q ?', true, 'processes']);
    const kept = afterKey(typed, 'Enter');
    assert.deepEqual([kept.filter, kept.typing], ['q ?', false]);
    assert.deepEqual([afterKey(typed, 'Esc').filter, afterKey(kept, 'Esc')], ['', { ...kept, filter: '' }]);
    assert.equal(afterKey(afterKey(kept, 'Esc'), 'Esc').page, 'none');
    assert.equal(afterKey(typed, 'Ctrl+c').page, 'none');
  });

  it('the last line tells what is typed, or what has to be said, even on a low screen', () => {
    for (const height of [2, 24]) {
      assert.equal(linesOf(viewOf(processes, { typing: true, filter: 'cu' }, 80, height)).at(-1), '/cu_');
      assert.equal(linesOf({ ...viewOf(processes, {}, 80, height), notice: 'begun anew' }).at(-1), 'begun anew');
    }
  });

  it('is scrolled by pages and rows, and the chosen process stays chosen where the order moves it', () => {
    const place = new Place<LiveRow>(processKey);
    const rows = many.slice(0, 27);
    const shown = (of = rows) => {
      const { above, rows, chosen } = place.fit(of, 10);
      return [above + 1, above + rows.length, rows[chosen]?.processId];
    };
    assert.deepEqual(shown(), [1, 10, undefined]);
    const after = (...keys: string[]) => (keys.forEach((key) => place.move(key)), shown());
    assert.deepEqual(after('Down', 'Down'), [1, 10, 2]);
    assert.deepEqual(after('PageDown'), [11, 20, 12]);
    assert.deepEqual(after('End'), [18, 27, 27]);
    assert.deepEqual(shown(rows.toReversed()), [1, 10, 27]);
    assert.deepEqual(shown(rows.slice(0, 3)), [1, 3, 1]);
    assert.deepEqual(shown([]), [1, 0, undefined]);
  });

  it('a list of which nothing can be chosen is scrolled by rows', () => {
    const place = new Place<string>();
    place.fit(['a', 'b', 'c'], 2);
    place.move('Down');
    assert.deepEqual(place.fit(['a', 'b', 'c'], 2), { rows: ['b', 'c'], above: 1, of: 3, chosen: -2 });
  });

  it('averages over the last five seconds, over less at first, and never over a counter that began anew', () => {
    const averages = new Averages(5);
    const at = (second: number, downloadBytes: number) =>
      averages.add({
        ...snapshotOf([processTraffic({ uploadBytes: 0, downloadBytes, uploadSpeed: 1, downloadSpeed: 2 })]),
        time: new Date(1e12 + second * 1000).toISOString(),
      })[0]?.averageSpeed;
    assert.equal(at(0, 1000), 3);
    assert.equal(at(0.2, 2000), 3);
    assert.equal(at(2, 2000), 500);
    assert.deepEqual([3, 4, 5, 6].map((second) => at(second, 6000)).slice(2), [1000, 833]);
    assert.equal(at(7.01, 6000), 798);
    assert.equal(at(8, 10), 3);
  });

  it('is drawn over the last one, line by line, without clearing the screen or a full line', () => {
    assert.equal(drawing(['one', 'full!'], 5), '\x1b[Hone\x1b[K\r\nfull!');
  });

  it('says of its keys what the documentation says', () => {
    const page = readFileSync(join(projectRoot, 'docs/commands/watch.md'), 'utf8').replaceAll('`', '');
    const rows = [...page.matchAll(/^\| (\S.*?) +\| (\S.*?) +\|$/gm)].map(([, keys, does]) => [keys, does]);
    for (const { keys, does } of keyHelp) {
      assert.ok(
        rows.some(([key, text]) => key === keys.join(', ') && text === does),
        `${keys.join(', ')}: ${does}`,
      );
    }
  });
});
