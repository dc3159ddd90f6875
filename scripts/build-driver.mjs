// Compiles driver/linux to dist/driver/netflow.bpf.o: the same bytes in whatever folder the checkout is.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { compile } from './support/bpf-source.mjs';
import { main, run } from './support/command.mjs';
import { driverObject } from './support/project.mjs';

await main('build-driver', async () => {
  mkdirSync(dirname(driverObject), { recursive: true });
  await compile(['-c', '-o', driverObject]);
  // Debug information has served its purpose once it is BTF.
  await run('llvm-strip', ['-g', driverObject]);
});
