import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writerOf } from '../../../../core/driver/linux/writers.js';
import { cleanUp } from '../../../support/cleanup.js';
import { isRoot, skipWithout } from '../../../support/machine.js';
import { temporaryFolder } from '../../../support/paths.js';

describe('who but root can change a program', () => {
  let file: string;
  let folder: string;
  before(function () {
    if (!isRoot()) skipWithout(this, 'only root has files that nobody else can change');
  });
  beforeEach(() => {
    folder = join(temporaryFolder(), 'folder');
    mkdirSync(folder, { mode: 0o755 });
    file = join(folder, 'program');
    writeFileSync(file, '', { mode: 0o755 });
  });
  afterEach(cleanUp);

  it('is nobody, where all of its path is root’s', () => assert.equal(writerOf(file), null));

  it('is who owns a folder above it', () => {
    chownSync(folder, 1234, 0);
    assert.equal(writerOf(file), `${folder} belongs to user 1234`);
  });

  it('is everybody, where a folder or the file is open to all', () => {
    for (const path of [file, folder]) {
      chmodSync(path, 0o777);
      assert.equal(writerOf(file), `${path} can be written by others than root`);
    }
  });

  it('is nobody in a folder that is open but sticky, as /tmp', () => {
    chmodSync(folder, 0o1777);
    assert.equal(writerOf(file), null);
  });

  it('is who can change what a link leads to', () => {
    const link = join(folder, 'link');
    const target = join(temporaryFolder(), 'target');
    writeFileSync(target, '', { mode: 0o777 });
    chmodSync(target, 0o777);
    symlinkSync(target, link);
    assert.equal(writerOf(link), `${target} can be written by others than root`);
  });
});
