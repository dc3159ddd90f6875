import { closeSync, existsSync, unlinkSync } from 'node:fs';
import type { Requirement } from '../../../records.js';
import type { ProgramName } from '../layout.generated.js';
import { failWith, loadLibbpf } from '../libbpf.js';
import { linkPath, programPath } from '../paths.js';

/** Of enum bpf_attach_type. */
const tracepoint = 23;
const functionEntry = 24;

interface SendingHook {
  program: ProgramName;
  type: number;
  where: string;
}

/**
 * The programs that see a call begin to send, the best one first. The loader has pinned one, where the kernel takes
 * any.
 */
const sendingHooks: readonly SendingHook[] = [
  { program: 'netflow_sending', type: tracepoint, where: 'the tracepoint tcp_sendmsg_locked' },
  { program: 'netflow_sending_function', type: functionEntry, where: 'the function tcp_sendmsg_locked' },
];

/** Has the driver name each sender as its call begins: before the first rule is written, and until none is left. */
export function watchSending(): void {
  const hook = loadedHook();
  if (!hook || existsSync(linkPath(hook.program))) return;
  const libbpf = loadLibbpf();
  const program = libbpf.open(programPath(hook.program));
  if (program < 0) failWith(libbpf, `The driver's program ${hook.program} can't be opened`);
  const link = libbpf.createLink(program, 0, hook.type, null);
  closeSync(program);
  if (link < 0) failWith(libbpf, `${hook.program} can't be attached`);
  const error = libbpf.pin(link, linkPath(hook.program));
  closeSync(link);
  if (error !== 0) failWith(libbpf, `${hook.program} can't be pinned`);
}

export function stopWatchingSending(): void {
  for (const { program } of sendingHooks) if (existsSync(linkPath(program))) unlinkSync(linkPath(program));
}

/** How the running driver learns who sends through a connection that somebody else has made. */
export function describeSending(): Requirement {
  const hook = loadedHook();
  const late =
    'by TCP named late: the first call on a connection of another process goes by the limit of that one, since';
  return {
    name: 'senders',
    ok: hook !== undefined,
    detail: hook ? `named at ${hook.where}` : `${late} the kernel has no hook where a call begins to send`,
  };
}

function loadedHook(): SendingHook | undefined {
  return sendingHooks.find(({ program }) => existsSync(programPath(program)));
}
