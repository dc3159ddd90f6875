import koffi from 'koffi';
import { loadKernel32, win32Error } from './kernel32.js';

/** A process that has come into a job, between two looks; times in milliseconds since 1970. */
export interface JobMember {
  processId: number;
  after: number;
  before: number;
}

const noFile = -1;
const completionPort = 7; // JobObjectAssociateCompletionPortInformation
const newProcess = 6; // JOB_OBJECT_MSG_NEW_PROCESS
const setQuotaAndTerminate = 0x101; // what AssignProcessToJobObject wants

let loaded: ReturnType<typeof declareCalls> | undefined;

/**
 * A job object around a process that runs: whatever it starts from now on belongs to it as well, and whatever that starts.
 * A process never leaves a job, so that there is one for each, for as long as this program runs.
 */
export class Job {
  /** In the order in which they came. */
  readonly members: JobMember[] = [];
  readonly #owner: number;
  readonly #port: number;
  #looked = Date.now();

  constructor(owner: number) {
    const calls = (loaded ??= declareCalls());
    this.#owner = owner;
    this.#port = must('CreateIoCompletionPort', calls.createPort(noFile, 0, 0, 1) as number);
    const job = must('CreateJobObjectW', calls.createJob(null, null) as number);
    const association = Buffer.alloc(16);
    association.writeBigUInt64LE(BigInt(this.#port), 8);
    must(
      'SetInformationJobObject',
      calls.setInformation(job, completionPort, association, association.length) as number,
    );
    const process = must('OpenProcess', calls.openProcess(setQuotaAndTerminate, false, owner) as number);
    try {
      must('AssignProcessToJobObject', calls.assign(job, process) as number);
    } finally {
      loadKernel32().closeHandle(process);
    }
  }

  /** Looks who has come. The sooner, the surer: an id may be another's later. */
  look(): void {
    const calls = (loaded ??= declareCalls());
    const [after, before] = [this.#looked, Date.now()];
    const [message, key, processId] = [[0], [0], [0]];
    while (calls.getCompletion(this.#port, message, key, processId, 0) as boolean) {
      const id = Number(processId[0]);
      if (message[0] === newProcess && id !== this.#owner) this.members.push({ processId: id, after, before });
    }
    this.#looked = before;
  }
}

function must(call: string, result: number | boolean): number {
  if (result) return Number(result);
  throw win32Error(call, loadKernel32().lastError());
}

function declareCalls() {
  const library = koffi.load('kernel32.dll');
  return {
    createJob: library.func('intptr_t __stdcall CreateJobObjectW(void *security, str16 name)'),
    createPort: library.func(
      'intptr_t __stdcall CreateIoCompletionPort(intptr_t file, intptr_t port, uintptr_t key, uint32_t threads)',
    ),
    setInformation: library.func(
      'bool __stdcall SetInformationJobObject(intptr_t job, int what, const void *information, uint32_t bytes)',
    ),
    openProcess: library.func('intptr_t __stdcall OpenProcess(uint32_t access, bool inherit, uint32_t process_id)'),
    assign: library.func('bool __stdcall AssignProcessToJobObject(intptr_t job, intptr_t process)'),
    getCompletion: library.func(
      'bool __stdcall GetQueuedCompletionStatus(intptr_t port, _Out_ uint32_t *message, _Out_ uintptr_t *key, _Out_ uintptr_t *process_id, uint32_t milliseconds)',
    ),
  };
}
