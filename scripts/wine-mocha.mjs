// Runs mocha by Windows' Node.js under Wine: node scripts/wine-mocha.mjs ARGUMENT…
//
// Node.js can't write to a pipe there, so it writes to a file, which is shown here as it grows.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from './support/command.mjs';
import { root } from './support/project.mjs';
import { endWine, prepareWine, windowsNode, wineEnvironment } from './support/wine.mjs';

const interval = 200; // milliseconds

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endWine().finally(() => process.exit(1)));

await main('wine-mocha', async () => {
  await prepareWine((text) => process.stdout.write(`  ${text} …\n`));
  const folder = mkdtempSync(join(tmpdir(), 'netflow-wine-'));
  const file = join(folder, 'output');
  const output = openSync(file, 'w+');
  const show = showGrowth(output);
  try {
    const args = [windowsNode, join(root, 'node_modules/mocha/bin/mocha.js'), ...process.argv.slice(2)];
    const options = { cwd: root, env: wineEnvironment, stdio: ['ignore', output, output] };
    return await new Promise((resolve, reject) => {
      spawn('wine', args, options)
        .once('error', reject)
        .once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    show();
    await endWine();
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
});

/** Returns what shows the rest and stops. */
function showGrowth(file) {
  const buffer = Buffer.alloc(65_536);
  let shown = 0;
  const show = () => {
    for (let bytes; (bytes = readSync(file, buffer, 0, buffer.length, shown)) > 0; shown += bytes)
      process.stdout.write(buffer.subarray(0, bytes));
  };
  const timer = setInterval(show, interval);
  return () => {
    clearInterval(timer);
    show();
  };
}
