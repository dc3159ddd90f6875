import { NetFlow, protocolNames, rateExamples, stateNames } from '../../core/index.js';
import { describeLimit } from '../commands/limit.js';
import { connectionSortNames, sortNames } from '../options.js';
import { printable } from '../output/text.js';
import type { Line } from './line.js';
import { shells } from './scripts.js';

/** A word that can follow, and what it is about. */
export interface Candidate {
  text: string;
  about?: string;
}

const plain = (texts: readonly string[]): Candidate[] => texts.map((text) => ({ text }));

/** Returns what can be the value of the option, or the argument of the command; undefined where yargs knows. */
export async function valuesFor({ command, option, typed }: Line): Promise<Candidate[] | undefined> {
  if (option === 'sort') return plain(command === 'connections' ? connectionSortNames : sortNames);
  if (option === 'state') return plain(stateNames);
  if (option === 'protocol') return plain(protocolNames);
  if (option === 'upload' || option === 'download') return plain(rateExamples);
  const ask = dynamic[command === 'limit remove' ? `${option} of a limit` : option];
  if (ask !== undefined) return await answered(ask);
  if (option !== '') return [];
  if (typed.startsWith('-')) return undefined;
  return command === 'completion' ? plain(shells) : undefined;
}

/** Whether files can follow, besides what valuesFor returns. */
export function takesFiles({ command, option, typed }: Line): boolean {
  if (option === 'path') return command === 'limit set';
  return option === '' && /^policy (apply|export|test)$/u.test(command) && !typed.startsWith('-');
}

/** Values that are read from the machine. */
const dynamic: Readonly<Record<string, (netflow: NetFlow) => Promise<Candidate[]>>> = {
  pid: async (netflow) =>
    (await processes(netflow)).map(({ processId, processName }) => ({ text: String(processId), about: processName })),
  name: async (netflow) => (await processes(netflow)).map(({ processName }) => ({ text: processName })),
  path: async (netflow) => (await processes(netflow)).map(({ path }) => ({ text: path ?? '' })),
  remote: async (netflow) =>
    (await isRunning(netflow))
      ? (await netflow.connections()).map(({ remoteAddress }) => ({ text: remoteAddress }))
      : [],
  'pid of a limit': async (netflow) =>
    (await netflow.limit.list())
      .filter(({ target }) => target === 'process')
      .map((limit) => ({ text: String(limit.processId), about: describeLimit(limit) })),
  'path of a limit': async (netflow) =>
    (await netflow.limit.list())
      .filter(({ target, source }) => target === 'path' && source === 'local')
      .map((limit) => ({ text: limit.path ?? '', about: describeLimit(limit) })),
};

/** Returns the processes with an executable: those of the kernel have none. */
async function processes(netflow: NetFlow) {
  return (await isRunning(netflow)) ? (await netflow.list()).filter(({ path }) => path !== null) : [];
}

async function isRunning(netflow: NetFlow): Promise<boolean> {
  return (await netflow.driver.status()).state === 'running';
}

/** The Tab key must not start a driver, nor show an error. What a shell couldn't show is left out. */
async function answered(ask: (netflow: NetFlow) => Promise<Candidate[]>): Promise<Candidate[]> {
  try {
    const candidates = await ask(await NetFlow.open());
    const byText = new Map(candidates.map((candidate) => [candidate.text, candidate]));
    return [...byText.values()].filter(({ text }) => text !== '' && printable(text) === text);
  } catch {
    return [];
  }
}
