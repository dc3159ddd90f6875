import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgetInNetworkd, hideFromNetworkd } from '../../../../../core/driver/linux/limits/networkd.js';
import { cleanUp } from '../../../../support/cleanup.js';
import { temporaryFolder } from '../../../../support/paths.js';

const names = ['netflow0', 'netflow2'];

describe('systemd-networkd', () => {
  afterEach(cleanUp);

  it('leaves the devices alone while there are limits, and those of others as they are', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'system'));
    const file = join(folder, 'network/00-netflow.network');
    hideFromNetworkd(names, folder);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\[Match\]\nName=netflow0 netflow2\n\n\[Link\]\nUnmanaged=yes\n$/mu);
    forgetInNetworkd(folder);
    assert.ok(!existsSync(file));
  });

  it('is told nothing where systemd does not run', () => {
    const folder = temporaryFolder();
    hideFromNetworkd(names, folder);
    assert.ok(!existsSync(join(folder, 'network')));
  });
});
