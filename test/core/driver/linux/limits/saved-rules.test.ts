import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSavedRules, saveRules } from '../../../../../core/driver/linux/limits/saved-rules.js';
import { cleanUp } from '../../../../support/cleanup.js';
import { isRoot, skipWithout } from '../../../../support/machine.js';
import { temporaryFolder } from '../../../../support/paths.js';

const rule = { path: '/opt/a', upload: 4096, download: null, shared: false, policy: true };

describe('saved rules', () => {
  let file = '';
  before(function () {
    if (!isRoot()) skipWithout(this, 'only root’s own are believed');
  });
  beforeEach(() => (file = join(temporaryFolder(), 'state', 'rules.json')));
  afterEach(cleanUp);

  it('are read as they were saved, beside nothing that somebody left who was killed', () => {
    assert.deepEqual(readSavedRules(file), []);
    saveRules([], file);
    writeFileSync(`${file}.123`, 'half a');
    saveRules([rule], file);
    assert.deepEqual(readSavedRules(file), [rule]);
    assert.deepEqual([readdirSync(dirname(file)), statSync(file).mode & 0o777], [['rules.json'], 0o600]);
  });

  const damaged = ['', '{}', ...[{ path: 1 }, { upload: 0 }, { download: 1.5 }, { shared: 'yes' }, { policy: null }]];
  for (const what of damaged) {
    const text = typeof what === 'string' ? what : JSON.stringify({ rules: [rule, { ...rule, ...what }] });
    it(`are refused where they are ${JSON.stringify(what)}`, () => {
      mkdirSync(dirname(file));
      writeFileSync(file, text, { mode: 0o600 });
      assert.throws(() => readSavedRules(file), { code: 'FAILED', message: /is not what NetFlow wrote/u });
    });
  }

  it('are refused where others may write them', () => {
    saveRules([rule], file);
    chmodSync(file, 0o620);
    assert.throws(() => readSavedRules(file), { code: 'FAILED', message: /can be written by others than root/u });
  });
});
