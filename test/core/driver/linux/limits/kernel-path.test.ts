import assert from 'node:assert/strict';
import {
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelPath } from '../../../../../core/driver/linux/limits/kernel-path.js';

describe('the path that the kernel knows an executable by', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'netflow-links-')));
    mkdirSync(at('real'));
    writeFileSync(at('real/program'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is its own where there is no link, and where there is no file', () => {
    assert.equal(kernelPath(at('real/program')), at('real/program'));
    assert.equal(kernelPath(at('none/program')), at('none/program'));
    assert.equal(kernelPath('/'), '/');
  });

  it('has links followed, in folders and one after the other', function () {
    if (process.getuid?.() !== 0) this.skip();
    symlinkSync('real', at('folder'));
    symlinkSync('../real/program', at('real/again'));
    symlinkSync(at('folder/again'), at('first'));
    assert.equal(kernelPath(at('first')), realpathSync(at('first')));
    assert.equal(kernelPath(at('folder/../first')), at('real/program'));
  });

  it("has nobody else's links followed, nor links in a circle", function () {
    if (process.getuid?.() !== 0) this.skip();
    symlinkSync('real/program', at('theirs'));
    lchownSync(at('theirs'), 65_534, 65_534);
    assert.equal(kernelPath(at('theirs')), at('theirs'));
    symlinkSync('circle', at('circle'));
    assert.equal(kernelPath(at('circle')), at('circle'));
    chownSync(at('real'), 65_534, 65_534);
    assert.equal(kernelPath(at('real/program')), at('real/program'));
  });
});
