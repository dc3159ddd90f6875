import { existsSync, readFileSync } from 'node:fs';
import { until } from '../../support/commands.js';

const file = '/run/netflow/agent';

/** The agent's process id, if it runs. Its file is empty while one starts, and has the last one's after its end. */
export function runningAgent(): number | undefined {
  const id = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const isThere = id > 0 && existsSync(`/proc/${id}`) && readFileSync(`/proc/${id}/cmdline`, 'utf8') !== '';
  return isThere ? id : undefined;
}

/** Waits for the agent, but for the one with the id that is given, and returns its process id. */
export async function startedAgent(otherThan?: number): Promise<number> {
  let id: number | undefined;
  await until('the agent runs', () => ![undefined, otherThan].includes((id = runningAgent())), 10);
  return Number(id);
}
