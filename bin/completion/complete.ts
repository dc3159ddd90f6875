import { writeLines } from '../output/write.js';
import { lineOf } from './line.js';
import { request } from './scripts.js';
import { takesFiles, valuesFor, type Candidate } from './values.js';

/** Whether a shell's script asks for completions. */
export function isCompletionRequest(args: readonly string[]): boolean {
  return request.every((word, index) => args[index] === word);
}

/** Answers a shell's script; `known` returns the commands and options that can follow. */
export async function complete(
  args: readonly string[],
  known: (words: readonly string[]) => Promise<Candidate[]>,
): Promise<void> {
  const [shell, ...words] = args.slice(request.length);
  if (shell === 'powershell') words.push((words.pop() ?? '').slice(1));
  const line = lineOf(words);
  if (line.ended) {
    if (line.command === 'measure') await writeLines([':command']);
    return;
  }
  const candidates = (await valuesFor(line)) ?? (await known(words));
  // Bash completes what stands behind the = alone.
  const prefix = shell === 'bash' ? '' : line.prefix;
  const lines = candidates
    .filter(({ text }) => text.startsWith(line.typed))
    .map(({ text, about = '' }) => `${prefix}${text}\t${about}`.trimEnd());
  await writeLines(takesFiles(line) ? [...lines, ':files'] : lines);
}
