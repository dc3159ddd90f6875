import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runSystemProgram } from '../system-program.js';

const runFolder = '/run/systemd';
const fileName = 'network/00-netflow.network';
const secondsForReload = 5;

/**
 * Has systemd-networkd, which may be set up to take every device that looks like Ethernet, leave these alone: it would
 * give them addresses, and a machine that starts would wait for them to be online. It may start after this.
 */
export function hideFromNetworkd(names: readonly string[], folder = runFolder): void {
  if (!existsSync(join(folder, 'system'))) return;
  const file = join(folder, fileName);
  const text = `# Made by NetFlow while there are limits.\n[Match]\nName=${names.join(' ')}\n\n[Link]\nUnmanaged=yes\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  reload(folder);
}

/** Takes that back. */
export function forgetInNetworkd(folder = runFolder): void {
  const file = join(folder, fileName);
  if (!existsSync(file)) return;
  rmSync(file);
  reload(folder);
}

/** Where it doesn't run it reads the file when it starts. It may not hold up a limit. */
function reload(folder: string): void {
  if (!existsSync(join(folder, 'netif'))) return;
  try {
    runSystemProgram('networkctl', ['reload'], secondsForReload);
  } catch (error) {
    process.emitWarning(`systemd-networkd may take NetFlow's devices: ${(error as Error).message}`);
  }
}
