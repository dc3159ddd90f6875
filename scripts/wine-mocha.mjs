// Runs mocha by Windows' Node.js under Wine: node scripts/wine-mocha.mjs ARGUMENT…
//
// Node.js can't write to a pipe there, so it writes to a file, which is shown here as it grows.
//
// Wine 8 loses a request to a driver now and then: the program waits for ever in DeviceIoControl, and every thread of the
// process that holds the drivers is idle in Wine's own loop. So where nothing has been written for long, all is begun anew,
// which is said.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from './support/command.mjs';
import { root } from './support/project.mjs';
import { endWine, prepareWine, windowsNode, wineEnvironment } from './support/wine.mjs';

/** Milliseconds. */
const interval = 200;
const patience = 30_000;
const attempts = 5;

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endWine().finally(() => process.exit(1)));

await main('wine-mocha', async () => {
  await prepareWine((text) => process.stdout.write(`  ${text} …\n`));
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const code = await runOnce();
    if (code !== null) return code;
    process.stdout.write(`\n  Wine has lost a request (attempt ${attempt} of ${attempts})\n`);
  }
  return 1;
});

/** Returns the exit code; null where it was ended for its silence. */
async function runOnce() {
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
}

/** Shows what the child writes until it ends. Returns its exit code; null when it has written nothing for too long. */
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
  return null;
}
