import assert from 'node:assert/strict';
import { Chalk } from 'chalk';
import { fitColumns } from '../../../bin/output/columns.js';
import { tableLines } from '../../../bin/output/table.js';
import { displayWidth } from '../../../bin/output/text.js';
import { connectionFields, limitFields, processFields, type Connection } from '../../../core/index.js';
import { hostileNames, processTraffic } from '../support/records.js';

const plain = { colours: new Chalk({ level: 0 }), width: Infinity };
const row = processTraffic();
const connection: Connection = {
  ...{ protocol: 'tcp', localAddress: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', localPort: 50_000 },
  ...{ remoteAddress: '192.0.2.1', remotePort: 443, state: 'established', processId: 42, processName: 'curl' },
  ...{ uploadBytes: 1, downloadBytes: 2, uploadSpeed: 3, downloadSpeed: 4 },
};

describe('table', () => {
  it('shows human units under short headings, numbers at the right', () => {
    assert.deepEqual(tableLines([row, processTraffic({ processId: 7, processName: 'sshd' })], processFields, plain), [
      'PID  Name  User    Upload  Download       Up/s     Down/s  Conns',
      ' 42  curl  root    1.4 KB   12.3 MB      0 B/s   1.4 MB/s      2',
      '  7  sshd  root    1.4 KB   12.3 MB      0 B/s   1.4 MB/s      2',
    ]);
  });

  it('without rows is its heading', () => assert.equal(tableLines([], processFields, plain).length, 1));

  it('has a line for each of many rows, all as wide', () => {
    const rows = Array.from({ length: 1234 }, (_, index) => processTraffic({ processId: index + 1 }));
    const lines = tableLines(rows, processFields, plain);
    assert.equal(lines.length, 1235);
    assert.equal(new Set(lines.map((line) => line.length)).size, 1);
    assert.deepEqual(
      lines.slice(1).map((line) => Number.parseInt(line)),
      rows.map(({ processId }) => processId),
    );
  });

  it('colours only its heading, and only where colours are', () => {
    const [heading = '', line = ''] = tableLines([row], processFields, { ...plain, colours: new Chalk({ level: 1 }) });
    assert.match(heading, /\x1b\[1m/);
    assert.doesNotMatch(line, /\x1b/);
    assert.doesNotMatch(tableLines([row], processFields, plain).join(''), /\x1b/);
  });

  for (const name of hostileNames) {
    it(`keeps to one line and sends nothing that drives a terminal: ${JSON.stringify(name)}`, () => {
      const lines = tableLines([processTraffic({ processName: name, user: name })], processFields, plain);
      assert.equal(lines.length, 2);
      assert.doesNotMatch(lines.join(''), /\p{Cc}/u);
    });
  }

  const long = processTraffic({ processName: '漢字'.repeat(40), user: 'a-user-of-a-large-directory' });
  for (const width of [10, 20, 25, 30, 40, 60, 66, 79, 80, 100, 132, 250]) {
    it(`fits ${width} columns`, () => {
      for (const lines of [
        tableLines([long, row], processFields, { ...plain, width }),
        // An address is never cut.
        tableLines([connection], connectionFields, { ...plain, width: Math.max(width, 20) }),
      ]) {
        assert.deepEqual(
          lines.filter((line) => displayWidth(line) > Math.max(width, 20)),
          [],
        );
      }
    });
  }

  it('says who talks to whom on a narrow terminal, with whole addresses', () => {
    const remoteAddress = `[${connection.localAddress}]:443`;
    const fields = connectionFields.filter(({ name }) => !/Port$/.test(name));
    for (const width of [10, 70, 80]) {
      const [, line = ''] = tableLines([{ ...connection, remoteAddress }], fields, { ...plain, width });
      assert.ok(line.includes(remoteAddress), line);
      assert.equal(line.includes('curl'), width > 10);
    }
  });

  it('cuts long texts down before it leaves anything out', () => {
    const columns = fitColumns(processFields, [long], 80);
    assert.equal(columns.length, processFields.filter((field) => field.table).length);
  });

  it('keeps the process and its speeds on a narrow terminal', () => {
    const columns = fitColumns(processFields, [long], 36).map(({ field }) => field.name);
    assert.deepEqual(columns, ['processId', 'processName', 'uploadSpeed', 'downloadSpeed']);
    const ofLimits = fitColumns(limitFields, [], 40).map(({ field }) => field.name);
    assert.deepEqual(ofLimits, ['processId', 'path', 'uploadLimit', 'downloadLimit']);
  });
});
