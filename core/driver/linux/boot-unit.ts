import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetFlowError } from '../../errors.js';
import { nodeProgram, packageRoot } from '../../root.js';
import { bootLink, bootUnit } from './paths.js';

/** Makes systemd start the driver with the machine. */
export function installBootUnit(): void {
  if (!existsSync('/run/systemd/system')) {
    throw new NetFlowError(
      'DRIVER_UNAVAILABLE',
      'systemd does not run here, so nothing can start the driver with the machine: call `netflow driver start` from your own init scripts.',
    );
  }
  const draft = `${bootUnit}.new`;
  writeFileSync(draft, unitText(), { mode: 0o644 });
  renameSync(draft, bootUnit);
  systemctl('daemon-reload');
  systemctl('enable', 'netflow.service');
}

/** Does nothing where there is no unit. */
export function removeBootUnit(): void {
  if (!existsSync(bootUnit)) return;
  if (existsSync('/run/systemd/system')) systemctl('disable', '--now', 'netflow.service');
  rmSync(bootUnit, { force: true });
  rmSync(bootLink, { force: true });
  if (existsSync('/run/systemd/system')) systemctl('daemon-reload');
}

function unitText(): string {
  const program = `${quote(nodeProgram())} ${quote(join(packageRoot(), 'bin', 'netflow.js'))}`;
  return `[Unit]
Description=NetFlow: traffic of every process
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program} driver start
ExecStop=${program} driver stop

[Install]
WantedBy=multi-user.target
`;
}

/** systemd.syntax(7): in double quotes, with % and $ doubled. */
function quote(path: string): string {
  return `"${path.replace(/["\\]/gu, '\\$&').replace(/[%$]/gu, '$&$&')}"`;
}

function systemctl(...args: string[]): void {
  try {
    execFileSync('systemctl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new NetFlowError('FAILED', `systemctl ${args.join(' ')} failed: ${(error as Error).message.trim()}`, {
      cause: error,
    });
  }
}
