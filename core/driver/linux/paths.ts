import { join } from 'node:path';
import { packageRoot } from '../../root.js';
import { protocol } from '../protocol.generated.js';
import type { MapName, ProgramName } from './layout.generated.js';

export const bpffs = '/sys/fs/bpf';
export const pinDirectory: string = protocol.pinDirectory;

/** Iterators whose file gives records, and two whose file changes something when it is read. */
export type IteratorName = 'connections' | 'processes' | 'statistics' | 'tasks' | 'reapply_rules' | 'fit_windows';
export const iteratorPath = (name: IteratorName): string => join(pinDirectory, name);
export const linkPath = (name: ProgramName): string => join(pinDirectory, 'links', name);
export const programPath = (name: ProgramName): string => join(pinDirectory, 'programs', name);
/** Links of one network namespace: programs of limits on its interfaces. */
export const limitsDirectory = join(pinDirectory, 'limits');
export const mapPath = (name: MapName): string => join(pinDirectory, 'maps', name);

/** The name that NetFlow mounts bpffs by, where nobody has: it takes away no other. */
export const ownMount = 'netflow';

/** What lives as long as the machine is up: the locks. */
export const runDirectory = '/run/netflow';
export const lockFile = join(runDirectory, 'lock');

export const agentLockFile = join(runDirectory, 'agent');

/** Path rules, which outlive the machine's next start. */
export const stateDirectory = '/var/lib/netflow';
export const savedRulesFile = join(stateDirectory, 'rules.json');

export const btfFile = '/sys/kernel/btf/vmlinux';
export const bootUnit = '/etc/systemd/system/netflow.service';
export const bootLink = '/etc/systemd/system/multi-user.target.wants/netflow.service';
export const objectFile = (): string => join(packageRoot(), 'dist', 'driver', 'netflow.bpf.o');
