import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { onCleanUp } from '../../support/cleanup.js';
import { runNow } from '../../support/commands.js';
import { entry } from '../../support/paths.js';

const pins = '/sys/fs/bpf/netflow';
const statistics = '/proc/sys/kernel/bpf_stats_enabled';

/** Has the driver left at the end as it was found. */
export function keepDriver(): void {
  const ran = isRunning();
  onCleanUp(() => {
    setDriver(ran);
  });
}

/** Starts or stops the driver. */
export function setDriver(running: boolean): void {
  if (running !== isRunning()) runNow(process.execPath, entry, 'driver', running ? 'start' : 'stop');
}

export function isRunning(): boolean {
  return existsSync(pins);
}

/** How many drivers count at the moment; another container may have its own. */
export function driversLoaded(): number {
  const listed = JSON.parse(runNow('bpftool', '--json', 'prog', 'show')) as { name?: string }[];
  return listed.filter(({ name }) => name === 'netflow_send').length;
}

/** Runs something with the kernel's statistics of programs on; they are put back as they were. */
export async function withStatistics<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = readFileSync(statistics, 'utf8');
  const restore = () => writeFileSync(statistics, before);
  onCleanUp(restore);
  writeFileSync(statistics, '1');
  try {
    return await work();
  } finally {
    restore();
  }
}

/** What one of the driver's programs has taken since it was loaded, as the kernel's statistics have it. */
export interface ProgramCost {
  name: string;
  nanoseconds: number;
  runs: number;
}

/** Of each program that this driver has attached. */
export function programCosts(): ProgramCost[] {
  const links = runNow('find', `${pins}/links`, `${pins}/limits`, '-type', 'f').split('\n').filter(Boolean);
  return links.map((link) => costOf(programOf(link)));
}

function programOf(link: string): number {
  const shown = JSON.parse(runNow('bpftool', '--json', 'link', 'show', 'pinned', link)) as { prog_id: number };
  return shown.prog_id;
}

function costOf(id: number): ProgramCost {
  const shown: unknown = JSON.parse(runNow('bpftool', '--json', 'prog', 'show', 'id', String(id)));
  const { name, run_time_ns = 0, run_cnt = 0 } = shown as { name: string; run_time_ns?: number; run_cnt?: number };
  return { name, nanoseconds: run_time_ns, runs: run_cnt };
}

/** What one of the driver's maps takes of the kernel's memory. */
export function mapBytes(name: string): number {
  const maps = JSON.parse(runNow('bpftool', '--json', 'map', 'show')) as { name?: string; bytes_memlock?: number }[];
  return maps.find((map) => map.name === name)?.bytes_memlock ?? NaN;
}
