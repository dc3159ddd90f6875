import { readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

/** A pipe younger than this may belong to a host that doesn't listen yet. */
const youngMs = 60_000;

/**
 * Removes pipes that hosts have left, which are files on Unix: a pipe stays if its host and shell are killed at once.
 * They are those beside this host's own that belong to the same user, and on which no host answers.
 */
export function removeLeftovers(pipe: string): void {
  if (process.platform === 'win32') return;
  const folder = dirname(pipe);
  for (const name of readdirSync(folder).filter((entry) => /^NetFlow-[0-9A-F]{32}$/.test(entry))) {
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats?.isSocket() || stats.uid !== process.getuid?.() || Date.now() - stats.mtimeMs < youngMs) continue;
    const socket = connect(file, () => socket.destroy());
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') rmSync(file, { force: true });
    });
  }
}
