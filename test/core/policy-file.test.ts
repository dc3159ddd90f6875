import assert from 'node:assert/strict';
import { linuxPaths } from '../../core/driver/linux/executable-paths.js';
import { formatPolicy, parsePolicy } from '../../core/policy-file.js';
import { NetFlowError, type PolicyRule } from '../../core/index.js';

const names = ['rules.csv', 'rules.json'];
const rounds = 300;

/** A sequence that is the same in each run, so that what fails once fails again. */
function sequence(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function anyRules(next: () => number): PolicyRule[] {
  const letters = ['a', 'Z', ' ', ',', '"', "'", 'ö', '日', '.', '%', '\\', ';'];
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)] as Value;
  const limit = (): number | null => pick([null, 1024, 1_048_576, 1_250_000, 1024 + Math.floor(next() * 1e9)]);
  const paths = new Set(
    Array.from(
      { length: Math.floor(next() * 8) },
      () => `/x${Array.from({ length: 12 }, () => pick(letters)).join('')}y`,
    ),
  );
  return [...paths]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, upload: limit(), download: limit(), shared: next() < 0.5 }));
}

describe('policy files', () => {
  for (const name of names) {
    it(`give back every rule that was written: ${name}`, () => {
      const next = sequence(1);
      for (let round = 0; round < rounds; round++) {
        const rules = anyRules(next);
        assert.deepEqual(parsePolicy(formatPolicy(rules, name), name, linuxPaths), rules);
      }
    });

    it(`throw nothing but NetFlowError, whatever is in them: ${name}`, () => {
      const next = sequence(2);
      const rules = [{ path: '/opt/a, b', upload: 4096, download: null, shared: true }];
      const good = Buffer.from(formatPolicy(rules, name));
      for (let round = 0; round < rounds; round++) {
        const bytes = Buffer.from(good);
        for (let change = 0; change < 3; change++) {
          bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
        }
        try {
          parsePolicy(
            bytes.toString('utf8').slice(0, next() < 0.2 ? Math.floor(next() * 60) : undefined),
            name,
            linuxPaths,
          );
        } catch (error) {
          assert.ok(error instanceof NetFlowError, String(error));
          assert.equal(error.code, 'INVALID_ARGUMENT');
        }
      }
    });
  }

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
