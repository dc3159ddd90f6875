// Fails where clang-format would write a C file in another way: node scripts/check-c-format.mjs
// Writes the files in that way: node scripts/check-c-format.mjs --write
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { main, run } from './support/command.mjs';
import { root } from './support/project.mjs';

await main('check-c-format', async () => {
  const files = ['driver', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => /\.[ch]$/.test(name))
      .map((name) => join(folder, name)),
  );
  const how = process.argv[2] === '--write' ? ['-i'] : ['--dry-run', '-Werror'];
  await run('clang-format', [...how, ...files], { cwd: root });
});
