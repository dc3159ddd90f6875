import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRuntime } from '../../../psmodule/bridge/runtime.js';
import { cleanUp } from '../../support/cleanup.js';
import { temporaryFolder } from '../../support/paths.js';

describe('the .NET runtime of the host', () => {
  const { DOTNET_ROOT, PATH } = process.env;
  const install = (...versions: string[]): string => {
    const folder = temporaryFolder();
    for (const version of versions)
      mkdirSync(join(folder, 'shared/Microsoft.NETCore.App', version), { recursive: true });
    writeFileSync(join(folder, 'dotnet'), '');
    return folder;
  };
  afterEach(() => {
    cleanUp();
    Object.assign(process.env, { PATH });
    if (DOTNET_ROOT === undefined) delete process.env['DOTNET_ROOT'];
    else process.env['DOTNET_ROOT'] = DOTNET_ROOT;
  });

  it('is the newest of the first installation that has one of 8 or later', () => {
    const [root, old, linked] = [
      install('8.0.9', '8.0.10', '9.0.0-rc.1'),
      install('6.0.36', '7.0.20'),
      install('9.0.1', '10.0.0'),
    ];
    process.env['DOTNET_ROOT'] = root;
    assert.deepEqual(findRuntime(), { folder: root, version: '8.0.10' });
    const bin = temporaryFolder();
    symlinkSync(join(linked, 'dotnet'), join(bin, 'dotnet'));
    Object.assign(process.env, { DOTNET_ROOT: old, PATH: `relative:${bin}` });
    assert.deepEqual(findRuntime(), { folder: linked, version: '10.0.0' });
  });
});
