import { kernel32 } from './kernel32.js';
import { must } from './win32-error.js';

/**
 * A process of a job. It came after one look at the job and ended before another one: its id was its own in between.
 * Both are in milliseconds since 1970.
 */
export interface JobMember {
  processId: number;
  after: number;
  /** Infinity while it runs. */
  before: number;
}

const noFile = -1;
const completionPort = 7; // JobObjectAssociateCompletionPortInformation
const newProcess = 6; // JOB_OBJECT_MSG_NEW_PROCESS
const endOfProcess = [7, 8]; // JOB_OBJECT_MSG_EXIT_PROCESS, JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS
const setQuotaAndTerminate = 0x101; // what AssignProcessToJobObject wants

/**
 * A job object around a running process: whatever the process starts from now on belongs to it as well, and whatever
 * that starts. A process never leaves a job, so each owner has one, for as long as this program runs.
 */
export class Job {
  /** In the order in which they came. */
  readonly members: JobMember[] = [];
  readonly #owner: number;
  readonly #port: number;
  #looked = Date.now();

  constructor(owner: number) {
    this.#owner = owner;
    this.#port = must('CreateIoCompletionPort', kernel32.CreateIoCompletionPort(noFile, 0, 0, 1));
    const job = must('CreateJobObjectW', kernel32.CreateJobObjectW(null, null));
    const association = Buffer.alloc(16);
    association.writeBigUInt64LE(BigInt(this.#port), 8);
    must(
      'SetInformationJobObject',
      kernel32.SetInformationJobObject(job, completionPort, association, association.length),
    );
    const process = must('OpenProcess', kernel32.OpenProcess(setQuotaAndTerminate, false, owner));
    try {
      must('AssignProcessToJobObject', kernel32.AssignProcessToJobObject(job, process));
    } finally {
      kernel32.CloseHandle(process);
    }
  }

  /** Notes which processes have come and gone. Look often: Windows gives an id to another process later. */
  look(): void {
    const after = this.#looked;
    this.#looked = Date.now();
    const [message, key, processId] = [[0], [0], [0]];
    while (kernel32.GetQueuedCompletionStatus(this.#port, message, key, processId, 0)) {
      const [kind, id] = [Number(message[0]), Number(processId[0])];
      if (kind === newProcess && id !== this.#owner) this.members.push({ processId: id, after, before: Infinity });
      if (endOfProcess.includes(kind)) this.#end(id);
    }
  }

  #end(id: number): void {
    const member = this.members.findLast(({ processId }) => processId === id);
    if (member) member.before = Date.now();
  }
}
