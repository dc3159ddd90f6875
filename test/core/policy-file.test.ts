import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxPaths } from '../../core/driver/linux/executable-paths.js';
import { formatPolicy, parsePolicy, readPolicy } from '../../core/policy-file.js';
import { NetFlowError, type PolicyRule } from '../../core/index.js';
import { randomNumbers, seed } from '../support/random.js';

const names = ['rules.csv', 'rules.json'];
const rounds = 300;

function anyRules(next: (limit: number) => number): PolicyRule[] {
  const letters = ['a', 'Z', ' ', ',', '"', "'", 'ö', '日', '.', '%', '\\', ';'];
  const pick = <Value>(values: readonly Value[]): Value => values[next(values.length)] as Value;
  const limit = (): number | null => pick([null, 1024, 1_048_576, 1_250_000, 1024 + next(1e9)]);
  const paths = new Set(
    Array.from({ length: next(8) }, () => `/x${Array.from({ length: 12 }, () => pick(letters)).join('')}y`),
  );
  return [...paths]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, upload: limit(), download: limit(), shared: next(2) === 0 }));
}

describe('policy files', () => {
  for (const name of names) {
    it(`give back every rule that was written: ${name}`, () => {
      const next = randomNumbers();
      for (let round = 0; round < rounds; round++) {
        const rules = anyRules(next);
        assert.deepEqual(parsePolicy(formatPolicy(rules, name), name, linuxPaths), rules, `NETFLOW_SEED=${seed}`);
      }
    });

    it(`throw nothing but NetFlowError, whatever is in them: ${name}`, () => {
      const next = randomNumbers();
      const rules = [{ path: '/opt/a, b', upload: 4096, download: null, shared: true }];
      const good = Buffer.from(formatPolicy(rules, name));
      for (let round = 0; round < rounds; round++) {
        const bytes = Buffer.from(good);
        for (let change = 0; change < 3; change++) {
          bytes[next(bytes.length)] = next(256);
        }
        try {
          parsePolicy(bytes.toString('utf8').slice(0, next(5) === 0 ? next(60) : undefined), name, linuxPaths);
        } catch (error) {
          assert.ok(error instanceof NetFlowError, `NETFLOW_SEED=${seed}: ${String(error)}`);
          assert.equal(error.code, 'INVALID_ARGUMENT');
        }
      }
    });
  }

  const csv = 'Path,Upload,Download,Shared\n/opt/a,1MB,none,false\n"/opt/b, c",,10mbit,true\n';
  const json = '{"rules":[{"path":"/opt/b, c","download":"10mbit","shared":true},{"path":"/opt/a","upload":1048576}]}';
  for (const [name, text] of [
    ['rules.csv', csv],
    ['rules.json', json],
    ['windows.csv', `\ufeff${csv.replaceAll('\n', '\r\n')}`],
    [
      'semicolons.csv',
      `\ufeff${csv.replaceAll(',', ';').replace('b; c', 'b, c').replaceAll('\n', '\r\n')};;;\r\n;;;\r\n`,
    ],
    ['separator.csv', `sep=;\r\n${csv.replaceAll(',', ';').replace('b; c', 'b, c')}`],
    ['type.csv', `#TYPE Selected.System.Object\n${csv}`],
    ['wider.csv', `${csv.replaceAll('\n', ',,\n')},,,,,\n`],
    ['columns.CSV', 'shared,PATH,download,upload\n,/opt/a,,1MB\n\nyes,"/opt/b, c",10MBIT/s,none\n'],
  ] as const) {
    it(`have the rules that ${name} says`, () => {
      assert.deepEqual(parsePolicy(text, name, linuxPaths), [
        { path: '/opt/a', upload: 1_048_576, download: null, shared: false },
        { path: '/opt/b, c', upload: null, download: 1_250_000, shared: true },
      ]);
    });
  }

  const head = 'Path,Upload,Download,Shared';
  const wrong: [string, string, RegExp][] = [
    ['rate.csv', `${head}\n/opt/x,1MB,,\n/opt/y,10Mbps,,\n`, /rate\.csv, line 3, column 2 \(Upload\)/u],
    ['path.csv', `${head}\nbin/x,1MB,,\n`, /path\.csv, line 2, column 1 \(Path\)/u],
    ['low.csv', `${head}\n/opt/x,,1000,\n`, /line 2, column 3 \(Download\).*1KB/u],
    ['shared.csv', `${head}\n/opt/x,1MB,,maybe\n`, /line 2, column 4 \(Shared\)/u],
    ['twice.csv', `${head}\n/opt/x,1MB,,\n/opt/x,2MB,,\n`, /line 3: .*already.*line 2/u],
    ['type.csv', `#TYPE x\n${head}\n\n,,,\n/opt/x,1,,\n`, /line 5, column 2/u],
    ['comma.csv', `${head.replaceAll(',', ';')}\n/opt/x;1,5MB;;\n`, /column 2 \(Upload\): .*write 1\.5MB/u],
    ['beyond.csv', `${head},\n/opt/x,1MB,,,here\n`, /line 2: it has 5 columns/u],
    ['short.csv', `${head}\n/opt/x,1MB\n`, /line 2: it has 2 columns/u],
    ['header.csv', 'Path,Up,Download,Shared\n/opt/x,1MB,,\n', /line 1: there is no column Upload/u],
    ['both.csv', `${head},Path\n`, /line 1: there are two columns Path/u],
    ['more.csv', `${head},Name\n`, /line 1: unknown column "name"/u],
    ['quote.csv', `${head}\n"/opt/x,1MB,,\n`, /quote\.csv/u],
    ['empty.csv', '', /line 1/u],
    ['pattern.csv', `${head}\n/opt/*,1MB,,\n`, /line 2, column 1 \(Path\): .* is a pattern/u],
    ['text.json', 'rules', /text\.json/u],
    ['rate.json', '{"rules":[{"path":"/opt/x"},{"path":"/opt/y","upload":-1}]}', /rules\[1\]\.upload/u],
    ['field.json', '{"rules":[{"path":"/opt/x","limit":1}]}', /rules\[0\].*"limit"/u],
    ['path.json', '{"rules":[{"upload":4096}]}', /rules\[0\]\.path/u],
    ['rules.json', '{"rules":{}}', /\{"rules": \[…\]\}/u],
    ['rules.txt', csv, /\.csv or \.json/u],
  ];
  for (const [name, text, message] of wrong) {
    it(`say where something is wrong, in one line: ${name}`, () => {
      assert.throws(() => parsePolicy(text, name, linuxPaths), { code: 'INVALID_ARGUMENT', message });
      assert.throws(() => parsePolicy(text, name, linuxPaths), { message: /^[^\n]+$/u });
    });
  }

  it('need not say what is shared', () => {
    const [rule] = parsePolicy('Path,Upload,Download\n/opt/a,1MB,\n', 'rules.csv', linuxPaths);
    assert.equal(rule?.shared, false);
  });

  it('are files, in UTF-8', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netflow-policy-'));
    const latin1 = join(folder, 'latin1.csv');
    try {
      writeFileSync(latin1, Buffer.from(`${head}\n/opt/\u00e4,1MB,,\n`, 'latin1'));
      assert.throws(() => readPolicy(latin1, linuxPaths), { code: 'INVALID_ARGUMENT', message: /expected UTF-8/u });
      for (const file of [join(folder, 'none.csv'), folder, '/dev/zero'])
        assert.throws(() => readPolicy(file, linuxPaths), { code: 'FAILED', message: /can't be read: / });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('count lines as an editor does, with line breaks in quotes and empty lines', () => {
    const text = 'Path,Upload,Download,Shared\r\n\r\n"/opt/a",1MB,,\r\n\r\n"/opt/\r\nb",1MB,,\r\n/opt/c,x,,\r\n';
    assert.throws(() => parsePolicy(text, 'lines.csv', linuxPaths), /lines\.csv, line 5, column 1 \(Path\)/u);
    assert.throws(
      () => parsePolicy(text.replace('/opt/\r\nb', '/opt/b'), 'lines.csv', linuxPaths),
      /line 6, column 2 \(Upload\)/u,
    );
  });

  it('may have spaces around what is in no quotes', () => {
    const text = 'Path , Upload, Download ,Shared\n  \n"/opt/a " , 1MB ,  , yes \n/opt/b b,none\t,\t2MB,  \n';
    assert.deepEqual(parsePolicy(text, 'rules.csv', linuxPaths), [
      { path: '/opt/a ', upload: 1_048_576, download: null, shared: true },
      { path: '/opt/b b', upload: null, download: 2_097_152, shared: false },
    ]);
  });

  it('make a path what the kernel calls it', () => {
    const text = 'Path,Upload,Download,Shared\n/opt//a/../b/./c,1MB,,\n';
    assert.equal(parsePolicy(text, 'normal.csv', linuxPaths)[0]?.path, '/opt/b/c');
    assert.throws(
      () => parsePolicy(`${text}/opt/b/c,2MB,,\n`, 'normal.csv', linuxPaths),
      /line 3: "\/opt\/b\/c" has a rule already/u,
    );
  });
});
