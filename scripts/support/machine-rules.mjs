// The limits that this machine has of its own: suites that use its driver set and remove rules as they please. Beside the
// driver's folder, not in it, since a suite uninstalls the driver; what an interrupted run has left there is put back by the next.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { driverStatus } from './needs.mjs';
import { commandLine } from './project.mjs';

const saved = '/var/lib/netflow/rules.json';
const aside = '/var/lib/netflow-rules-before-tests.json';

export function putRulesAside() {
  if (existsSync(saved) && !existsSync(aside)) renameSync(saved, aside);
}

/** A driver that runs applies them at once. */
export function putRulesBack() {
  if (!existsSync(aside)) return;
  mkdirSync(dirname(saved), { recursive: true, mode: 0o700 });
  renameSync(aside, saved);
  if (driverStatus()?.state !== 'running') return;
  spawnSync(process.execPath, [commandLine, 'driver', 'start'], { stdio: ['ignore', 'inherit', 'inherit'] });
}
