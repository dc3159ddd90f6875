import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { NetFlowError } from '../../../errors.js';
import { layout } from '../layout.generated.js';
import { programPath } from '../paths.js';
import { cleanEnvironment } from '../system-program.js';

const { queueDevice, lowerDevice, peerDevice, splitDevice } = layout;
export const ownDevices: readonly number[] = [queueDevice, lowerDevice, peerDevice, splitDevice];

/** HTB's handle, as tc has it; what comes after the colon names a class. */
const handle = `${layout.queueHandle.toString(16)}:`;

/** HTB takes no rate of its own for "no limit". */
const unlimitedRate = 100_000_000_000;

/** A class of HTB and its rate in bytes per second. */
export interface QueueClass {
  id: number;
  rate: number;
}

/** What waits in a class. */
export interface ClassState {
  id: number;
  waitingBytes: number;
  droppedPackets: number;
}

/** Makes the devices and the queue in this thread's network namespace. */
export function makeQueue(): void {
  runBatch('ip', [
    `link add netflow1 index ${lowerDevice} mtu 65535 type veth peer name netflow2 index ${peerDevice} mtu 65535`,
    'link set netflow1 addrgenmode none',
    'link set netflow2 addrgenmode none',
    `link add link netflow1 name netflow0 index ${queueDevice} mtu 65535 txqueuelen 10000 numtxqueues 1 type macvlan mode private`,
    'link set netflow0 addrgenmode none',
    `link add link netflow1 name netflow3 index ${splitDevice} mtu 65535 gso_max_segs 1 type macvlan mode private`,
    'link set netflow3 addrgenmode none',
    'link set netflow2 up',
    'link set netflow1 up',
    'link set netflow0 up',
    'link set netflow3 up',
  ]);
  runBatch('tc', [
    `qdisc replace dev netflow0 root handle ${handle} stab overhead -${layout.chargedHeader} linklayer ethernet htb default 0`,
    `filter replace dev netflow0 parent ${handle} handle 1 prio 1 protocol all bpf da object-pinned ${programPath('netflow_classify')} classid ${handle}`,
  ]);
}

/** Takes them away with all that waits there. */
export function removeQueue(): void {
  run('ip', ['link', 'delete', 'netflow0']);
  run('ip', ['link', 'delete', 'netflow1']);
}

/** Adds classes, or changes those that are there: what waits in them goes on at the new rate. */
export function setClasses(classes: readonly QueueClass[]): void {
  if (classes.length > 0) runBatch('tc', classes.flatMap(classCommands));
}

/** Lets all that waits in the classes go at once. */
export function releaseClasses(ids: readonly number[]): void {
  setClasses(ids.map((id) => ({ id, rate: unlimitedRate })));
}

export function removeClasses(ids: readonly number[]): void {
  if (ids.length === 0) return;
  runBatch(
    'tc',
    ids.map((id) => `class delete dev netflow0 classid ${handle}${id.toString(16)}`),
  );
}

/** What is in the classes of this thread's network namespace. */
export function classStates(): ClassState[] {
  const { stdout } = run('tc', ['-s', 'class', 'show', 'dev', 'netflow0']);
  return stdout.split(/^class htb /mu).flatMap((text) => {
    if (!text.startsWith(handle)) return [];
    return [
      {
        id: Number.parseInt(text.slice(handle.length), 16),
        waitingBytes: parseSize(/backlog (\S+?)b /u.exec(text)?.[1] ?? '0'),
        droppedPackets: Number(/dropped (\d+)/u.exec(text)?.[1] ?? 0),
      },
    ];
  });
}

/** More than a burst of this many bytes tc can't be told. */
const largestBurst = 2 ** 28;

/**
 * How much of its rate a class that has stood still may make good. BBR sends next to nothing for 200 ms of every ten
 * seconds, and machines stall: with a burst of 10 ms a connection over 20 ms has 98.1 % of its limit, with this 99.3. It
 * is what any ten seconds may have more than the limit: 1.5 %.
 */
const burstSeconds = 0.15;

/** Less makes a rate depend on the precision of timers. */
const leastBurstSeconds = 0.01;

/**
 * HTB gives a class that it makes a full burst, and one that it changes none: so a process that is given a class of its
 * own while it sends has no second one.
 */
function classCommands({ id, rate }: QueueClass): string[] {
  const bytes = Math.round(rate);
  return [leastBurstSeconds, burstSeconds].map((seconds) => {
    const burst = Math.min(largestBurst, Math.max(1, Math.round(rate * seconds)));
    return `class replace dev netflow0 parent ${handle} classid ${handle}${id.toString(16)} htb rate ${bytes}bps ceil ${bytes}bps burst ${burst} cburst ${burst} quantum 60000`;
  });
}

/** tc writes `1Kb` for 1024 bytes and more. */
function parseSize(text: string): number {
  const [, number = '0', unit = ''] = /^(\d+)([KM]?)/u.exec(text) ?? [];
  return Number(number) * (unit === 'K' ? 1024 : unit === 'M' ? 1_048_576 : 1);
}

/** Runs the commands of a program of iproute2, which reads them from its standard input. */
function runBatch(program: 'ip' | 'tc', commands: readonly string[]): void {
  const { status, stderr, error } = run(program, ['-batch', '-'], `${commands.join('\n')}\n`);
  if (status === 0) return;
  const missing = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  throw new NetFlowError(
    'DRIVER_UNAVAILABLE',
    missing
      ? `There is no program ${program}: install the package iproute2, which limits need.`
      : `The queue for limits can't be set up: ${stderr.trim().split('\n')[0] || `${program} failed`}.`,
    { cause: error },
  );
}

/** From the system's folders alone: the caller's PATH may lead root to programs of others. */
function run(program: 'ip' | 'tc', args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(program, args, {
    ...{ input, encoding: 'utf8', maxBuffer: 1 << 28 },
    ...{ cwd: '/', env: cleanEnvironment, timeout: 60_000, killSignal: 'SIGKILL' },
  });
}
