// Fails where the eBPF object depends on the folder it is built in: builds it in two more and compares.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, main, run } from './support/command.mjs';
import { driverObject, root } from './support/project.mjs';

await main('check-object', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'netflow-object-'));
  try {
    const built = readFileSync(driverObject);
    for (const name of ['a', 'another folder, with a longer name']) {
      if (!(await buildIn(join(parent, name))).equals(built)) {
        throw new CommandError(`built in ${JSON.stringify(name)}, the object has other bytes than dist/driver has`);
      }
    }
  } finally {
    rmSync(parent, { recursive: true });
  }
});

async function buildIn(folder) {
  for (const part of ['driver', 'scripts']) cpSync(join(root, part), join(folder, part), { recursive: true });
  await run(process.execPath, [join(folder, 'scripts/build-driver.mjs')]);
  return readFileSync(join(folder, 'dist/driver/netflow.bpf.o'));
}
