import type { NetFlow } from '../core/index.js';
import { showProgress } from './output/progress.js';
import { printable } from './output/text.js';

/** Opens NetFlow while a command runs, and shows slow steps and warnings on standard error. */
export async function withNetFlow<Result>(
  use: (netflow: NetFlow, done: () => void) => Promise<Result>,
): Promise<Result> {
  const core = await import('../core/index.js');
  const progress = showProgress(process.stderr);
  const onWarning = (message: string): void => {
    progress.clear();
    process.stderr.write(`netflow: ${printable(message)}\n`);
  };
  try {
    const netflow = await core.NetFlow.open({ onProgress: progress.show, onWarning });
    try {
      return await use(netflow, progress.clear);
    } finally {
      await netflow[Symbol.asyncDispose]();
    }
  } finally {
    progress.clear();
  }
}
