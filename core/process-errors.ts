import { NetFlowError } from './errors.js';
import { processOfThread } from './process-id.js';

/** The error for an id without a process. */
export function noSuchProcess(processId: number): NetFlowError {
  const owner = processOfThread(processId);
  const hint = owner === null ? 'list the processes to see those with traffic' : `it is a thread of process ${owner}`;
  return new NetFlowError('NOT_FOUND', `There is no process ${processId}: ${hint}.`);
}

/** The error for a limit on a process of the kernel's own. */
export function kernelProcess(processId: number): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `Process ${processId} belongs to the kernel, which can't be limited.`);
}

/** The error for a limit on the process that sets it, or on the driver's agent. */
export function netflowItself(processId: number): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `Process ${processId} is NetFlow itself: give another one.`);
}
