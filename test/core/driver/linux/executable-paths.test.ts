import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxPaths } from '../../../../core/driver/linux/executable-paths.js';

describe('paths of executables on Linux', () => {
  const refused: [string, string, RegExp][] = [
    ['nothing', '', /is no path/],
    ['a relative path', 'bin/sh', /does not begin with \//],
    ['a line break', '/opt/a\nb', /line break/],
    ['more bytes than the driver compares', `/${'ä'.repeat(256)}`, /has 513 bytes, and 511 are the most/],
    ['a folder', '/usr/bin', /is not a file/],
    ['a folder that is not there', '/opt/x/', /is a folder/],
    ['the root', '/', /is a folder/],
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

  it('follow a link only where they are resolved', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netflow-paths-')));
    const link = join(folder, 'link');
    symlinkSync(process.execPath, link);
    assert.equal(linuxPaths.check(link), link);
    assert.equal(linuxPaths.resolve(link), realpathSync(process.execPath));
    rmSync(folder, { recursive: true });
  });
});
