import assert from 'node:assert/strict';
import { lchownSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxPaths } from '../../../../core/driver/linux/executable-paths.js';

describe('paths of executables on Linux', () => {
  const refused: [string, string, RegExp][] = [
    ['nothing', '', /is not a path/],
    ['a relative path', 'bin/sh', /does not begin with \//],
    ['a line break', '/opt/a\nb', /line break/],
    ['more bytes than the driver compares', `/${'ä'.repeat(256)}`, /has 513 bytes, and 511 are the most/],
    ['a folder', '/usr/bin', /is not a file/],
    ['a folder that is not there', '/opt/x/', /is a folder/],
    ['the root', '/', /is a folder/],
    ['bytes that are no UTF-8', '/opt/\ufffd', /not UTF-8/],
    ['what nobody may execute', '/etc/passwd', /may not be executed/],
  ];
  for (const [what, path, message] of refused) {
    it(`refuse ${what}`, () => {
      assert.throws(() => linuxPaths.resolve(path), { code: 'INVALID_ARGUMENT', message });
    });
  }

  it('are whole and without dots, and may name what is not there', () => {
    assert.equal(linuxPaths.resolve('/opt//none/./a/../b'), '/opt/none/b');
    assert.equal(linuxPaths.check(`/${'x'.repeat(510)}`).length, 511);
  });

  describe('in a folder', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netflow-paths-')));
    const link = join(folder, 'link');
    const program = realpathSync(process.execPath);
    before(() => symlinkSync(program, link));
    after(() => rmSync(folder, { recursive: true }));

    for (const [what, content, message] of [
      ['a script', '#! /usr/bin/python3 -u\n', /its interpreter, "\/usr\/bin\/python3"/u],
      ['data', 'hello', /not a program/u],
    ] as const) {
      it(`refuse ${what}, which no process runs as its executable`, () => {
        const file = join(folder, what);
        writeFileSync(file, content, { mode: 0o755 });
        assert.throws(() => linuxPaths.resolve(file), { code: 'INVALID_ARGUMENT', message });
      });
    }

    it('follow a link at once only where it is not root who may turn it later', function () {
      if (process.getuid?.() !== 0) this.skip();
      assert.equal(linuxPaths.check(link), link);
      lchownSync(link, 65_534, 65_534);
      assert.equal(linuxPaths.resolve(link), program);
      lchownSync(link, 0, 0);
      assert.equal(linuxPaths.resolve(link), link);
    });

    it('are equal where they lead to the same file', function () {
      if (process.getuid?.() !== 0) this.skip();
      assert.equal(linuxPaths.key(link), linuxPaths.key(program));
    });
  });
});
