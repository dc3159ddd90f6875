const plain = /^[\p{L}\p{M}\p{N}_@%+=:,./-]+$/u;

/**
 * Reads a command line as the kernel has it: words, a NUL behind each. `text` may be only the beginning. Returns null if
 * there are none.
 */
export function readCommandLine(text: string, isCut = false): string | null {
  const words = (isCut ? text.replace(/\ufffd$/u, '') : text.replace(/\0+$/u, '')).split('\0');
  if (words.join('') === '') return null;
  return `${joinWords(words)}${isCut ? '…' : ''}`;
}

/**
 * Writes words as a POSIX shell reads them: one that has other characters than letters, digits and `_@%+=:,./-` stands
 * in single quotation marks. The only word of a line stands as it is: programs write a title there.
 */
export function joinWords(words: readonly string[]): string {
  return words.length === 1 ? words.join('') : words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
