import type { OpenMeasurement, ProcessRecord } from '../driver.js';
import { Job, type JobMember } from './job.js';

/** How often the job is looked at. */
const intervalMs = 50;

const jobs = new Map<number, Job>();

/**
 * Opens a measurement of the processes that the owner starts from now on. Those that have exited are among the
 * driver's, unless 16,384 others with traffic have exited since.
 */
export function openMeasurement(owner: number, readProcesses: () => Promise<ProcessRecord[]>): OpenMeasurement {
  const job = jobs.get(owner) ?? new Job(owner);
  jobs.set(owner, job);
  job.look();
  const before = job.members.length;
  const timer = setInterval(() => job.look(), intervalMs).unref();
  return {
    async read() {
      job.look();
      const members = job.members.slice(before);
      const measured = processesOf(members, await readProcesses());
      return {
        processes: members.length,
        uploadBytes: measured.reduce((sum, { uploadBytes }) => sum + uploadBytes, 0),
        downloadBytes: measured.reduce((sum, { downloadBytes }) => sum + downloadBytes, 0),
      };
    },
    close: async () => clearInterval(timer),
  };
}

/** How much earlier than the look before it a start may seem, since two clocks are read; in milliseconds. */
const slack = 1000;

/** Picks the records of these processes. Others may have had the same ids before and since. */
export function processesOf(members: readonly JobMember[], processes: readonly ProcessRecord[]): ProcessRecord[] {
  const byId = new Map<number, JobMember[]>();
  for (const member of members) byId.set(member.processId, [...(byId.get(member.processId) ?? []), member]);
  return processes.filter(({ processId, startTime }) =>
    byId.get(processId)?.some(({ after, before }) => startTime >= after - slack && startTime <= before),
  );
}
