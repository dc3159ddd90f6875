import assert from 'node:assert/strict';
import { DevicePaths } from '../../../../core/driver/windows/device-paths.js';

const raw = String.raw;
const paths = new DevicePaths([
  ['A:', raw`\??\D:\folder`],
  ['C:', raw`\Device\HarddiskVolume1`],
  ['D:', raw`\Device\HarddiskVolume12`],
  ['N:', raw`\Device\LanmanRedirector\;N:00000000000154a3\server\share`],
]);

describe('paths of the kernel and of people', () => {
  const both: [string, string, string][] = [
    ['a file on a drive', raw`C:\Tools\a.exe`, raw`\Device\HarddiskVolume1\Tools\a.exe`],
    ['a drive whose device’s name begins with another’s', raw`D:\a.exe`, raw`\Device\HarddiskVolume12\a.exe`],
    ['a file on a share', raw`\\server\share\a.exe`, raw`\Device\Mup\server\share\a.exe`],
    ['a drive that is not there', raw`Q:\a.exe`, raw`\??\Q:\a.exe`],
    ['a device without a letter', raw`\Device\HarddiskVolume3\a.exe`, raw`\Device\HarddiskVolume3\a.exe`],
  ];
  for (const [what, dos, device] of both) {
    it(`fit for ${what}, both ways`, () => {
      assert.equal(paths.toDevice(dos), device);
      assert.equal(paths.toDos(device), dos);
    });
  }

  it('lead to the same file from a drive that stands for a folder or a share', () => {
    assert.equal(paths.toDevice(raw`a:\b.exe`), raw`\Device\HarddiskVolume12\folder\b.exe`);
    assert.equal(paths.toDevice(raw`n:\b.exe`), raw`\Device\Mup\server\share\b.exe`);
  });

  it('are compared without regard to case', () => {
    assert.equal(paths.toDos(raw`\DEVICE\harddiskvolume1\A.exe`), raw`C:\A.exe`);
  });
});
