import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../../core/whole-file.js';

describe('a file that is written whole', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'netflow-whole-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes the place of the one before, with the mode that is given', () => {
    const file = join(folder, 'rules');
    writeWhole(file, 'a longer text', 0o600);
    writeWhole(file, 'text', 0o640);
    assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], ['text', 0o640]);
    assert.deepEqual(readdirSync(folder), ['rules']);
  });

  it('leaves no draft behind where it can not take its place', () => {
    mkdirSync(join(folder, 'rules/inside'), { recursive: true });
    assert.throws(() => writeWhole(join(folder, 'rules'), 'text', 0o600), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(folder), ['rules']);
  });
});
