import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPolicyFolder } from '../../../../core/driver/linux/policy-folder.js';
import { cleanUp } from '../../../support/cleanup.js';
import { isRoot, skipWithout } from '../../../support/machine.js';
import { temporaryFolder } from '../../../support/paths.js';

describe('the policy folder', () => {
  let folder = '';
  const write = (name: string, ...rules: string[]): void =>
    writeFileSync(join(folder, name), ['Path,Upload,Download,Shared', ...rules].join('\n'), { mode: 0o644 });
  before(function () {
    if (!isRoot()) skipWithout(this, 'only root’s own is believed');
  });
  beforeEach(() => chmodSync((folder = temporaryFolder()), 0o755));
  afterEach(cleanUp);

  it('has the rules of its files, of which the last holds for a path', () => {
    write('20-b.csv', '/opt/a,3KB,,', '/opt/b,1KB,,');
    write('30-c.CSV', '/opt/a,2KB,,');
    write('10-a.csv', '/opt/a,1KB,,');
    write('.hidden.csv', 'no rule');
    write('30-old.csv~', 'no rule');
    const rules = readPolicyFolder(folder);
    assert.deepEqual(
      rules?.map(({ path, upload }) => [path, upload]),
      [
        ['/opt/a', 2048],
        ['/opt/b', 1024],
      ],
    );
  });

  it('says nothing where it is not there, and no rules where it is empty', () => {
    assert.equal(readPolicyFolder(join(folder, 'none')), null);
    assert.deepEqual(readPolicyFolder(folder), []);
  });

  for (const name of ['', 'rules.csv']) {
    it(`is not believed where others may write ${name || 'to it'}`, () => {
      write('rules.csv', '/opt/a,1KB,,');
      chmodSync(join(folder, name), 0o777);
      assert.throws(() => readPolicyFolder(folder), { code: 'FAILED', message: /can be written by others than root/u });
    });
  }
});
