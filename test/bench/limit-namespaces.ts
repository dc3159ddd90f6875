import { readdirSync, readFileSync } from 'node:fs';
import { runNow, sleep, until } from '../support/commands.js';
import { runningAgent } from '../system/support/agent.js';
import { networkNamespace } from '../system/support/environment.js';
import { limit, MB } from '../system/support/limits.js';
import { mustSucceed } from '../system/support/netflow.js';
import { pumpAs, startFlow } from '../system/support/pump.js';
import type { LimitExtent } from './support/extent.js';
import { atMost } from './support/numbers.js';
import { say } from './support/progress.js';
import type { Report } from './support/report.js';

const counts = [0, 150, 1000];
const pins = '/sys/fs/bpf/netflow/limits';

/** What network namespaces cost while one process is limited, which is in none of them. */
export async function* reportNamespaces({ seconds }: LimitExtent): AsyncGenerator<Report> {
  const rows: string[][] = [];
  let made = 0;
  for (const count of counts) {
    say(`${count} namespaces`);
    for (; made < count; made++) networkNamespace();
    rows.push([`${count} more namespaces`, ...(await measure(count, seconds))]);
  }
  yield {
    title: 'Network namespaces, one limited process',
    head: ['', 'ms limit set', 's until all are covered', 'aim', 'agent, % of a core', 'aim', 'ms remove --all', 'aim'],
    rows,
  };
}

async function measure(count: number, seconds: number): Promise<string[]> {
  const flow = await startFlow({ programs: { send: pumpAs('alone') }, warmUpMs: 0, measureMs: 1000 * (seconds + 60) });
  const begun = performance.now();
  await limit('--pid', flow.pids.send, '--upload', MB);
  const set = performance.now() - begun;
  await until('all are covered', () => readdirSync(pins).length > count, 60);
  const covered = (performance.now() - begun) / 1000;
  await sleep(1000);
  const before = agentSeconds();
  await sleep(seconds * 1000);
  const load = ((agentSeconds() - before) / seconds) * 100;
  const removal = performance.now();
  await mustSucceed('limit', 'remove', '--all');
  const remove = performance.now() - removal;
  process.kill(flow.pids.send);
  process.kill(flow.pids.receive);
  return [
    set.toFixed(0),
    covered.toFixed(1),
    atMost(10, covered, 's'),
    load.toFixed(1),
    atMost(3, load, '%'),
    remove.toFixed(0),
    atMost(1000, remove, 'ms'),
  ];
}

/** Of processor time. */
function agentSeconds(): number {
  const fields = readFileSync(`/proc/${runningAgent()}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / Number(runNow('getconf', 'CLK_TCK'));
}
