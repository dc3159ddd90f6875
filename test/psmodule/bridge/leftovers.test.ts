import assert from 'node:assert/strict';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { removeLeftovers } from '../../../psmodule/bridge/leftovers.js';
import { cleanUp, onCleanUp } from '../../support/cleanup.js';
import { runNow, sleep, until } from '../../support/commands.js';
import { temporaryFolder } from '../../support/paths.js';

describe('pipes that hosts have left', () => {
  if (process.platform === 'win32') return;
  afterEach(cleanUp);

  it('are removed where they are old and nobody answers, and nothing else', async () => {
    const folder = temporaryFolder();
    const [left, young, alive, file] = ['A', 'B', 'C', 'D'].map((letter) =>
      join(folder, `NetFlow-${letter.repeat(32)}`),
    ) as [string, string, string, string];
    const script = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
    for (const pipe of [left, young]) runNow('sh', '-c', '"$0" -e "$1" "$2" || true', process.execPath, script, pipe);
    const server = createServer().listen(alive);
    onCleanUp(() => server.close());
    writeFileSync(file, '');
    for (const old of [left, alive, file]) utimesSync(old, 0, 0);
    removeLeftovers(join(folder, 'own'));
    await until('the one that was left is gone', () => !existsSync(left));
    await sleep(50);
    assert.deepEqual([young, alive, file].map(existsSync), [true, true, true]);
  });
});
