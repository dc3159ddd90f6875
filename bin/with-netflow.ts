import type { NetFlow } from '../core/index.js';
import { showProgress } from './output/progress.js';
import { printable } from './output/text.js';

export type WarningSink = (message: string) => void;

/** Opens NetFlow while a command runs, and shows slow steps and warnings on standard error. */
export async function withNetFlow<Result>(
  use: (netflow: NetFlow, done: () => void, divertWarnings: (sink: WarningSink) => void) => Promise<Result>,
): Promise<Result> {
  const core = await import('../core/index.js');
  const progress = showProgress(process.stderr);
  let onWarning: WarningSink = (message) => {
    progress.clear();
    warn(message);
  };
  try {
    const netflow = await core.NetFlow.open({
      onProgress: progress.show,
      onWarning: (message) => onWarning(message),
    });
    try {
      return await use(netflow, progress.clear, (sink) => (onWarning = sink));
    } finally {
      await netflow[Symbol.asyncDispose]();
    }
  } finally {
    progress.clear();
  }
}

/** Writes a warning to standard error. */
export function warn(message: string): void {
  process.stderr.write(`netflow: ${printable(message)}\n`);
}
