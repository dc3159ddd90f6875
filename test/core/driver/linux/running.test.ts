import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linuxRunning } from '../../../../core/driver/linux/running.js';
import { cleanUp } from '../../../support/cleanup.js';
import { ended, runNow, start } from '../../../support/commands.js';
import { temporaryFolder } from '../../../support/paths.js';

describe('running processes', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(cleanUp);

  it('have the name that ps shows and that of their executable, until they exit', async () => {
    const script = join(temporaryFolder(), 'download.sh');
    writeFileSync(script, '#!/bin/bash\necho ready; read line\n');
    chmodSync(script, 0o755);
    const child = start(script, ['two words']);
    const { pid = 0, stdout, stdin } = child;
    assert.ok(stdout && stdin);
    await once(stdout, 'data');
    assert.equal(runNow('ps', '-o', 'comm=', '-p', `${pid}`), 'download.sh\n');
    assert.deepEqual(linuxRunning.namesOf(pid), ['download.sh', 'bash']);
    assert.ok(linuxRunning.ids().includes(pid));
    assert.equal(linuxRunning.describe(pid).commandLine, `/bin/bash ${script} 'two words'`);
    stdin.end();
    await ended(child);
    assert.deepEqual(linuxRunning.namesOf(pid), []);
    assert.deepEqual(linuxRunning.describe(pid), { commandLine: null, service: null });
  });
});
