import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { NetFlowError } from '../../errors.js';
import { agentProgram, commandLine, nodeProgram } from '../../root.js';
import { bootLink, bootUnit, objectFile } from './paths.js';
import { runSystemProgram } from './system-program.js';
import { writerOf } from './writers.js';

/** Makes systemd start the driver with the machine. */
export function installBootUnit(): void {
  if (!existsSync('/run/systemd/system')) {
    throw new NetFlowError(
      'DRIVER_UNAVAILABLE',
      'systemd does not run here, so nothing can start the driver with the machine: start it from your own init scripts.',
    );
  }
  const draft = `${bootUnit}.new`;
  writeFileSync(draft, unitText(nodeProgram(), commandLine()), { mode: 0o644 });
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

/** Sentences about what root runs at each start of the machine and others than root can change. */
export function unsafeParts(): string[] {
  const programs = [nodeProgram(), commandLine(), agentProgram(), objectFile()];
  const changeable = new Set(programs.flatMap((path) => writerOf(path) ?? []));
  return [...changeable].map(
    (writer) => `Root runs NetFlow at each start of the machine, but ${writer}: install it where only root may write.`,
  );
}

/** Comes before the network, and so before nearly all: nothing in it may wait for other units, nor without an end. */
export function unitText(node: string, script: string): string {
  const program = `${quote(node)} ${quote(script)}`;
  return `[Unit]
Description=NetFlow: traffic of every process
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=90
TimeoutStopSec=90
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
  runSystemProgram('systemctl', args, 60);
}
