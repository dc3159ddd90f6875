// Runs mocha by Windows' Node.js under Wine: node scripts/wine-mocha.mjs ARGUMENT…
//
// Node.js can't write to a pipe there, so it writes to a file, which is shown here as it grows. A request that a driver
// does not answer stops Node.js altogether, and mocha's clock with it: where nothing has been written for long, it is
// ended.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, main } from './support/command.mjs';
import { root } from './support/project.mjs';
import { endWine, prepareWine, windowsNode, wineEnvironment } from './support/wine.mjs';

/** Milliseconds. */
const interval = 200;
const patience = 90_000; // longer than any test may take, so that mocha can name the one that failed

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endWine().finally(() => process.exit(1)));

await main('wine-mocha', async () => {
  await prepareWine((text) => process.stdout.write(`  ${text} …\n`));
  const folder = mkdtempSync(join(tmpdir(), 'netflow-wine-'));
  const output = openSync(join(folder, 'output'), 'w+');
  try {
    const args = [windowsNode, join(root, 'node_modules/mocha/bin/mocha.js'), ...process.argv.slice(2)];
    const child = spawn('wine', args, { cwd: root, env: wineEnvironment, stdio: ['ignore', output, output] });
    const refused = new Promise((_, reject) => child.once('error', reject));
    return await Promise.race([refused, follow(child, output)]);
  } finally {
    await endWine();
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
});

/** Shows what the child writes until it ends, and returns its exit code. */
async function follow(child, file) {
  const buffer = Buffer.alloc(65_536);
  let shown = 0;
  for (let last = Date.now(); Date.now() - last < patience; await sleep(interval)) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (fstatSync(file).size > shown) last = Date.now();
    for (let bytes; (bytes = readSync(file, buffer, 0, buffer.length, shown)) > 0; shown += bytes)
      process.stdout.write(buffer.subarray(0, bytes));
    if (hasEnded) return child.exitCode ?? 1;
  }
  throw new CommandError(`the tests have said nothing for ${patience / 1000} s: a request was not answered`);
}
