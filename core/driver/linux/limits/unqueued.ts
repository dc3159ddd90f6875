import { closeSync, existsSync, openSync, unlinkSync } from 'node:fs';
import { NetFlowError } from '../../../errors.js';
import { linkPath } from '../paths.js';
import { cgroupRoot } from '../requirements.js';
import { attach } from './attachments.js';

/** enum bpf_attach_type, of programs that hold limits where packets have not been through a queue. */
const programs = { netflow_arrival: 0, netflow_departure: 1 } as const;
type Program = keyof typeof programs;

/** Attaches them for all processes of the machine, in every network namespace, where they are not. */
export function limitUnqueued(): void {
  const names = Object.keys(programs) as Program[];
  const missing = names.filter((name) => !existsSync(linkPath(name)));
  if (missing.length === 0) return;
  const cgroup = cgroupRoot();
  if (cgroup === null) throw new NetFlowError('DRIVER_UNAVAILABLE', 'cgroup2 has been unmounted.');
  const root = openSync(cgroup, 'r');
  try {
    for (const name of missing) attach(name, { target: root, type: programs[name] }, linkPath(name));
  } finally {
    closeSync(root);
  }
}

/** So that packets of a machine without limits cost nothing. */
export function freeUnqueued(): void {
  for (const name of Object.keys(programs) as Program[]) if (existsSync(linkPath(name))) unlinkSync(linkPath(name));
}
