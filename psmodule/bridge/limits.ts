import { realpathSync } from 'node:fs';
import {
  formatRule,
  limitFields,
  NetFlowError,
  parseRate,
  type Limit,
  type LimitChange,
  type LimitTarget,
  type PolicyDifference,
} from '../../core/index.js';
import type { Answer } from './asker.js';
import { toTable } from './rows.js';
import { numbersOf, requests, textsOf, type Payload, type Row, type Table } from './wire.js';

/** Answers requests about limits and policies. */
export const limitAnswers: Record<number, Answer> = {
  [requests.rates]: (_, payload) => Promise.resolve([textsOf(payload, 0).map((text) => [parseRate(text)])]),
  [requests.limitList]: async (netflow, payload) => {
    const limits = await netflow.limit.list();
    return [toTable(limits, limitFields), textsOf(payload, 0).map((path) => [realPath(path)])];
  },
  [requests.limitSet]: (netflow, payload, { signal }) => {
    const change = changeOf(payload);
    return forEach(targetsOf(payload), signal, async (target) => [await netflow.limit.set(target, change)]);
  },
  [requests.limitRemove]: async (netflow, payload, { signal }) => {
    if (payload.tables[2]?.[0]?.[0] === 1) return [toTable(await netflow.limit.remove({ all: true }), limitFields)];
    return forEach(targetsOf(payload), signal, (target) => netflow.limit.remove(target));
  },
  [requests.policyApply]: async (netflow, payload) =>
    toTexts('now', 'before', await netflow.policy.apply(textsOf(payload, 0)[0] ?? '')),
  [requests.policyTest]: async (netflow, payload) =>
    toTexts('expected', 'found', await netflow.policy.test(textsOf(payload, 0)[0] ?? '')),
  [requests.policyExport]: async (netflow, payload) => {
    await netflow.policy.export(textsOf(payload, 0)[0] ?? '');
    return [];
  },
  [requests.policyPlan]: async (netflow, payload) =>
    toTexts('then', 'now', await netflow.policy.plan(textsOf(payload, 0)[0])),
  [requests.policyUpdate]: async (netflow) => toTexts('now', 'before', await netflow.policy.update()),
};

/** Acts on each target; a failure of one is reported beside the limits of the others. */
async function forEach(
  targets: readonly LimitTarget[],
  signal: AbortSignal,
  act: (target: LimitTarget) => Promise<readonly Limit[]>,
): Promise<readonly Table[]> {
  const limits: Limit[] = [];
  const failures: Row[] = [];
  for (const [place, target] of targets.entries()) {
    if (signal.aborted) break;
    try {
      limits.push(...(await act(target)));
    } catch (error) {
      if (!isAboutOne(error)) throw error;
      failures.push([place, error.code, error.message]);
    }
  }
  return [toTable(limits, limitFields), failures];
}

/** Whether the error is about one target. Others, such as a lack of rights, would be the same for each. */
function isAboutOne(error: unknown): error is NetFlowError {
  return error instanceof NetFlowError && ['NOT_FOUND', 'INVALID_ARGUMENT', 'FAILED'].includes(error.code);
}

function targetsOf(payload: Payload): LimitTarget[] {
  const processes = numbersOf(payload, 0).map((processId) => ({ processId }));
  return [...processes, ...textsOf(payload, 1).map((path) => ({ path }))];
}

function changeOf({ tables }: Payload): LimitChange {
  const [uploadGiven, upload = NaN, downloadGiven, download = NaN, shared = NaN] = tables[2]?.[0] ?? [];
  return {
    ...(uploadGiven === 1 && { upload: toLimit(upload) }),
    ...(downloadGiven === 1 && { download: toLimit(download) }),
    ...(!Number.isNaN(shared) && { shared: shared === 1 }),
  };
}

function toLimit(rate: number): number | null {
  return Number.isNaN(rate) ? null : rate;
}

/** Follows links, since a limit has the path that the kernel knows. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Returns a row for each difference, whose line has a word before the policy's rule and one before the machine's. */
function toTexts(policy: string, machine: string, differences: readonly PolicyDifference[]): Table[] {
  const rows = differences.map((difference) => {
    const [expected, actual] = [formatRule(difference.expected), formatRule(difference.actual)];
    return [difference.path, expected, actual, `${difference.path}: ${policy} ${expected}; ${machine} ${actual}`];
  });
  return [rows];
}
