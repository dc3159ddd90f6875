import assert from 'node:assert/strict';
import { windowsPaths } from '../../../../core/driver/windows/executable-paths.js';
import { NetFlowError } from '../../../../core/index.js';

const raw = String.raw;

describe('paths of executables on Windows', () => {
  const good: [string, string][] = [
    [raw`c:\Tools\.\x\..\a.exe`, raw`C:\Tools\a.exe`],
    ['C:/Tools/a.exe', raw`C:\Tools\a.exe`],
    [raw`\\?\C:\Tools\a.exe`, raw`C:\Tools\a.exe`],
    [raw`\\?\UNC\server\share\a.exe`, raw`\\server\share\a.exe`],
    [raw`\\server\share\a.exe`, raw`\\server\share\a.exe`],
    [raw`\Device\HarddiskVolume3\a.exe`, raw`\Device\HarddiskVolume3\a.exe`],
    [raw`C:\ü (x86)\a, b;.exe`, raw`C:\ü (x86)\a, b;.exe`],
  ];
  for (const [path, normal] of good) it(`take ${path}`, () => assert.equal(windowsPaths.check(path), normal));

  const bad = [
    '',
    'a.exe',
    raw`C:a.exe`,
    raw`\a.exe`,
    '/usr/bin/a',
    raw`C:\folder` + '\\',
    'C:\\',
    raw`\\server\a.exe`,
    raw`\\.\pipe\a.exe`,
    raw`C:\a.exe:stream`,
    raw`C:\a*.exe`,
    raw`C:\a.exe.`,
    raw`C:\a.exe ` + ' ',
    'C:\\a\nb.exe',
    `C:\\${'a'.repeat(32_000)}.exe`,
  ];
  for (const path of bad) {
    it(`refuse ${JSON.stringify(path.slice(0, 30))}`, () => {
      assert.throws(
        () => windowsPaths.check(path),
        (error) => error instanceof NetFlowError && error.code === 'INVALID_ARGUMENT' && !error.message.includes('\n'),
      );
    });
  }

  it('are one whatever case their letters have, and no letter becomes two', () => {
    const same = (one: string, other: string): boolean => windowsPaths.key(one) === windowsPaths.key(other);
    assert.ok(same(raw`C:\Größe\A.exe`, raw`c:\gRÖßE\a.EXE`));
    assert.ok(!same(raw`C:\straße.exe`, raw`C:\STRASSE.exe`));
  });
});
