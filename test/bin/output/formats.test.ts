import assert from 'node:assert/strict';
import { csvLine, csvTable, hasFormulas, type CsvReader } from '../../../bin/output/csv.js';
import { jsonArray, jsonLine, jsonObject } from '../../../bin/output/json.js';
import { processFields } from '../../../core/index.js';
import { hostileNames, processTraffic } from '../support/records.js';

const names = processFields.map(({ name }) => name);

describe('JSON', () => {
  for (const count of [0, 1, 2, 3]) {
    it(`of ${count} rows is an array of ${count}, one a line`, () => {
      const rows = Array.from({ length: count }, (_, index) => processTraffic({ processId: index + 1 }));
      const lines = [...jsonArray(rows, processFields)];
      assert.deepEqual(JSON.parse(lines.join('\n')), rows);
      assert.equal(lines.length, Math.max(1, count));
    });
  }

  for (const name of hostileNames) {
    it(`keeps ${JSON.stringify(name)} and sends no control character`, () => {
      const line = jsonLine(processTraffic({ processName: name }), names);
      assert.doesNotMatch(line, /\p{Cc}/u);
      assert.equal((JSON.parse(line) as { processName: string }).processName, name);
    });
  }

  it('has exactly the fields of the table, in its order', () => {
    const row = { ...processTraffic(), internal: 'not for anyone' };
    const shuffled = Object.fromEntries(Object.entries(row).toReversed());
    assert.deepEqual(Object.keys(JSON.parse(jsonLine(shuffled, names)) as object), names);
  });

  it('of one object has what is within it as well', () => {
    const status = { state: 'running', requirements: [{ name: 'BTF', ok: true, detail: 'a\x9b' }] };
    assert.deepEqual(JSON.parse(jsonObject(status)), status);
    assert.doesNotMatch(jsonObject(status), /[\x7f-\x9f]/);
  });
});

describe('CSV', () => {
  it('has the fields in PascalCase as its header', () => {
    assert.deepEqual(
      [...csvTable([], someFields('processId', 'startTime', 'uploadBytes'), 'program')],
      ['ProcessId,StartTime,UploadBytes'],
    );
  });

  it('for a file is said to have formulas, where it has any', () => {
    const has = (commandLine: string, reader: CsvReader): boolean =>
      hasFormulas([processTraffic({ commandLine })], someFields('processId', 'commandLine'), reader);
    assert.deepEqual([has('=1+1', 'program'), has('1+1', 'program'), has('=1+1', 'spreadsheet')], [true, false, false]);
  });

  it('for a spreadsheet has a byte order mark and no formula', () => {
    for (const formula of ['=1+1', '+1', '-1', '@x', '\t=1']) {
      const lines = csvTable([processTraffic({ processName: formula })], someFields('processName'), 'spreadsheet');
      assert.equal([...lines].join('\n').replaceAll('"', ''), `\ufeffProcessName\n'${formula}`);
    }
    assert.equal(csvLine(processTraffic(), someFields('processId', 'processName'), 'spreadsheet'), '42,curl');
  });

  it('writes plain numbers, and nothing where there is no value', () => {
    const row = processTraffic({ path: null, uploadLimit: 1024, exited: true });
    const fields = someFields('path', 'startTime', 'downloadBytes', 'uploadLimit', 'downloadLimit', 'exited');
    assert.equal(csvLine(row, fields, 'program'), ',2026-01-02T03:04:05.678Z,12897485,1024,,true');
  });

  const quoted: [string, string][] = [
    ['a "quoted", name', '"a ""quoted"", name"'],
    ['two\nlines', '"two\nlines"'],
    ['carriage\rreturn', '"carriage\rreturn"'],
    [' spaces ', '" spaces "'],
    ['=1+1', '=1+1'],
    ['plain', 'plain'],
  ];
  for (const [name, text] of quoted) {
    it(`writes ${JSON.stringify(name)} as ${JSON.stringify(text)}`, () => {
      assert.equal(csvLine(processTraffic({ processName: name }), someFields('processName'), 'program'), text);
    });
  }

  for (const name of hostileNames) {
    it(`shows a terminal nothing that drives it: ${JSON.stringify(name)}`, () => {
      assert.doesNotMatch(
        csvLine(processTraffic({ processName: name, path: name }), processFields, 'terminal'),
        /\p{Cc}/u,
      );
    });
  }
});

function someFields(...names: string[]): typeof processFields {
  return processFields.filter(({ name }) => names.includes(name));
}
