import { closeSync } from 'node:fs';
import { headerLayout } from '../protocol.generated.js';
import { exitedRequestLayout, layout } from './layout.generated.js';
import { failWith, loadLibbpf, runOptions } from './libbpf.js';
import { programPath } from './paths.js';

/** How often one is asked for that is just being written. */
const attempts = 100;

/** The records of the processes that have exited and are still kept, oldest first; `count` is how many ever have. */
export function readExited(count: number): Buffer {
  const kept = Math.min(count, layout.exitedProcesses);
  const indexes = Array.from({ length: kept }, (_, each) => (count - kept + each) % layout.exitedProcesses);
  const libbpf = loadLibbpf();
  const program = libbpf.open(programPath('read_exited'));
  const request = Buffer.alloc(exitedRequestLayout.size);
  const options = runOptions(request);
  const ask = (index: number): void => {
    request.fill(0).writeUInt32LE(index, exitedRequestLayout.index);
    if (libbpf.run(program, options) !== 0) failWith(libbpf, "Processes that have exited can't be read");
  };
  const read = (index: number): Buffer => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      ask(index);
      if (request.readUInt32LE(exitedRequestLayout.again) === 0) return recordsOf(request);
    }
    return Buffer.alloc(0);
  };

  if (program < 0) failWith(libbpf, "Processes that have exited can't be read");
  try {
    return Buffer.concat(indexes.map(read));
  } finally {
    closeSync(program);
  }
}

/** The process with its path, and what else is known of it. Either is of size 0 where there is none. */
function recordsOf(request: Buffer): Buffer {
  const starts = [exitedRequestLayout.record, exitedRequestLayout.description];
  const sizeAt = (start: number): number => request.readUInt32LE(start + headerLayout.headerSize);
  return Buffer.concat(starts.map((start) => request.subarray(start, start + sizeAt(start))));
}
