import { readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

/** A host that has made its pipe, but does not listen yet, is younger than this. */
const youngMs = 60_000;

/**
 * On Unix a pipe is a file. One whose host and shell were both killed at once stays behind, until another host removes it:
 * those beside its own that belong to the same user and that nobody answers on.
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
