import type { ChalkInstance } from 'chalk';
import { formatBytes, type DriverStatus, type Requirement } from '../../core/index.js';
import { printable } from './text.js';

/** Describes the driver's state, its losses and its requirements for people. */
export function statusLines(status: DriverStatus, dropped: number, colours: ChalkInstance): string[] {
  const since = status.since === null ? '' : ` since ${status.since}`;
  const state = status.state === 'running' ? colours.green(status.state) : colours.yellow(status.state);
  return [
    `Driver        ${status.driver} ${status.version}, ${state}${since}`,
    `Lost events   ${status.lostEvents}`,
    `Unattributed  ${formatBytes(status.unattributedBytes)}`,
    `Dropped       ${dropped} packets at download limits`,
    'Requirements',
    ...status.requirements.map((requirement) => requirementLine(requirement, colours)),
  ];
}

function requirementLine({ name, ok, detail }: Requirement, colours: ChalkInstance): string {
  const verdict = ok ? colours.green('ok     ') : colours.red('missing');
  return `  ${verdict}  ${printable(name)}: ${printable(detail)}`;
}
