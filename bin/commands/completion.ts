import type { Argv } from 'yargs';
import { writeLines } from '../output/write.js';

const request = '--get-yargs-completions';

/** `netflow completion`: prints the shell's completion script, which calls this program with `request` and the line. */
export function addCompletion(yargs: Argv): Argv {
  return yargs.completion('completion', 'Print a completion script for bash or zsh');
}

/** Whether a shell asks for completions of a line that is still being typed. */
export function isCompletionRequest(args: readonly string[]): boolean {
  return args[0] === request;
}

/** Completes values of `--pid`, `--name` and `--path` with running processes; false leaves a line to yargs. */
export async function completeValues(args: readonly string[]): Promise<boolean> {
  const option = isCompletionRequest(args) ? optionBeforeCursor(args) : undefined;
  if (option === undefined) return false;
  await writeLines(await processValues(option));
  return true;
}

type Completed = 'pid' | 'name' | 'path';

/** Returns the option whose value the last word is, if it is one of these. */
export function optionBeforeCursor(words: readonly string[]): Completed | undefined {
  const [previous, beforeThat] = [words.at(-2), words.at(-3)];
  const option = previous === '=' ? beforeThat : previous;
  return (['pid', 'name', 'path'] as const).find((name) => option === `--${name}`);
}

// Asks a running driver only: the Tab key must not start one, nor show an error.
async function processValues(option: Completed): Promise<string[]> {
  try {
    const { NetFlow } = await import('../../core/index.js');
    const netflow = await NetFlow.open();
    if ((await netflow.driver.status()).state !== 'running') return [];
    const processes = await netflow.list();
    if (option === 'pid') return processes.map(({ processId }) => String(processId));
    const names = processes.map(({ processName, path }) => (option === 'path' ? (path ?? '') : processName));
    return [...new Set(names)].filter((name) => /^[\w.:+/-]+$/.test(name));
  } catch {
    return [];
  }
}
