import { mkdirSync, renameSync, rmSync } from 'node:fs';

/** Fills a folder: what was interrupted half-way must not look as if it were there. */
export async function whole(folder, fill) {
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  await fill(made);
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
}
