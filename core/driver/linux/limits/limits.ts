import { kernelProcess, netflowItself, noSuchProcess } from '../../../process-errors.js';
import type { Requirement } from '../../../records.js';
import type { Identity, PathRule, ProcessRule, RuleLimits, RuleReading } from '../../driver.js';
import { processIdOf } from '../../record-values.js';
import { loadLibc, type Libc } from '../libc.js';
import { isAnotherRunning } from '../other-driver.js';
import { isRunning } from '../pins.js';
import { readPieces } from '../readers.js';
import { readDriverStatistics } from '../reading.js';
import { ensureAgent, isAgentThere, readAgentId } from './agent.js';
import { applyRules } from './apply.js';
import { releaseAll, removeQueues, uncoverAll } from './coverage.js';
import { allNamespaces, coveredNamespaces, inNamespace } from './namespaces.js';
import { effectiveRules, fingerprint } from './plan.js';
import { identityOf, isKernelThread, living, readMembers } from './processes.js';
import { classStates, queueProblem } from './queue.js';
import { RuleMaps } from './rule-maps.js';
import { readSavedRules, saveRules } from './saved-rules.js';

/**
 * Sees to it that the saved rules are applied, and that the agent runs. The caller holds the driver's lock, as for all
 * here.
 */
export async function startLimits(libc: Libc): Promise<void> {
  const saved = readSavedRules();
  using maps = new RuleMaps();
  const processes = living(maps.processes());
  if (saved.length + processes.size === 0) return;
  try {
    if (maps.state().applied !== fingerprint(saved)) await applyRules(libc, maps, { saved, processes });
  } finally {
    ensureAgent(libc); // which tries again where this has failed
  }
}

/**
 * Takes all limits away before the driver goes: what waits is sent first, and connections have the windows that they
 * would have had. The rules stay saved.
 */
export async function stopLimits(libc: Libc): Promise<void> {
  if (!isRunning()) {
    // Where the pins have gone otherwise, as with an unmounted bpffs, nothing else is left than the devices.
    const isAnothers = await isAnotherRunning().catch(() => true); // the devices may be another driver's: they stay
    if (!isAnothers) removeQueues(libc);
    return;
  }
  try {
    using maps = new RuleMaps();
    await applyRules(libc, maps, { saved: [], processes: new Map() });
  } catch {
    await releaseAll(libc); // the driver goes, whatever state its tables are in
  }
  uncoverAll(libc);
  removeQueues(libc);
}

export function readRules({ hasLooked }: { hasLooked: boolean }): RuleReading {
  const saved = readSavedRules();
  if (!isRunning()) return { paths: saved.map((rule) => ({ ...rule, processes: 0 })), processes: [] };
  if (!hasLooked) readPieces('connections', () => undefined); // who only holds a socket has its place from then on
  using maps = new RuleMaps();
  const processes: ProcessRule[] = [...living(maps.processes())].map(([identity, { upload, download, shared }]) => ({
    processId: processIdOf(identity),
    upload,
    download,
    shared,
  }));
  const counts = countProcesses(maps, saved);
  return { paths: saved.map((rule) => ({ ...rule, processes: counts.get(rule) ?? 0 })), processes };
}

/** The network namespaces that limits can't be held in; none where they can be in all. */
export function checkNamespaces(): Requirement[] {
  using maps = new RuleMaps();
  if (maps.state().rules === 0) return [];
  const details: string[] = [];
  for (const namespace of allNamespaces()) {
    inNamespace(loadLibc(), namespace, () => {
      const problem = queueProblem();
      if (problem !== null) details.push(`${namespace.inode}: ${problem}`);
    });
  }
  if (details.length === 0) return [];
  return [{ name: 'network namespaces, for limits', ok: false, detail: details.join(' ') }];
}

/** By the driver since it started, and by each queue since it was made, in all network namespaces. */
export function droppedPackets(): number {
  if (!isRunning()) return 0;
  const libc = loadLibc();
  let dropped = readDriverStatistics().droppedPackets;
  for (const namespace of coveredNamespaces()) {
    inNamespace(libc, namespace, () => {
      dropped += classStates().reduce((sum, { droppedPackets }) => sum + droppedPackets, 0);
    });
  }
  return dropped;
}

/** Milliseconds. */
const tidyMs = 100;

/** How many processes each rule holds for. */
function countProcesses(maps: RuleMaps, saved: readonly PathRule[]): Map<PathRule, number> {
  const numbers = new Map([...maps.paths()].map(([path, { number }]) => [number, path]));
  const rules = effectiveRules(saved);
  const counts = new Map<PathRule, number>();
  for (const { rule: number } of readMembers()) {
    const rule = rules.get(numbers.get(number) ?? '');
    if (rule) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

/**
 * Saves first: what was saved is applied by the agent, or at the driver's next start, should this process be killed.
 */
export async function editPathRules(libc: Libc, edit: (rules: readonly PathRule[]) => PathRule[]): Promise<void> {
  const before = readSavedRules();
  const saved = edit(before);
  if (JSON.stringify(saved) !== JSON.stringify(before)) saveRules(saved);
  if (!isRunning()) return;
  using maps = new RuleMaps();
  try {
    if (maps.state().applied !== fingerprint(saved)) {
      await applyRules(libc, maps, { saved, processes: maps.processes() });
    }
  } catch (error) {
    saveRules(before);
    throw error;
  }
  careForRest(libc, maps);
}

/**
 * What is new, and devices that are not needed any more, are the agent's to care for; but those that go quickly have
 * gone when the command ends, this namespace's first.
 */
function careForRest(libc: Libc, maps: RuleMaps): void {
  if (maps.state().rules > 0) ensureAgent(libc);
  else uncoverAll(libc, isAgentThere(libc) ? tidyMs : Infinity);
}

export async function editProcessRule(
  libc: Libc,
  processId: number,
  edit: (rule: RuleLimits | null) => RuleLimits | null,
): Promise<void> {
  using maps = new RuleMaps();
  const identity = limitable(libc, processId);
  const processes = new Map<Identity, RuleLimits>(living(maps.processes()));
  const rule = edit(processes.get(identity) ?? null);
  if (rule) processes.set(identity, rule);
  else processes.delete(identity);
  await applyRules(libc, maps, { saved: readSavedRules(), processes });
  careForRest(libc, maps);
}

/** The identity of a process that may have a limit. */
function limitable(libc: Libc, processId: number): Identity {
  const identity = identityOf(processId);
  if (identity === null) throw noSuchProcess(processId);
  if (isKernelThread(processId)) throw kernelProcess(processId);
  if (processId === process.pid || processId === readAgentId(libc)) throw netflowItself(processId);
  return identity;
}
