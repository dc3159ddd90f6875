const printableAscii = /^[\x20-\x7e]*$/;
// Matches controls, line separators, marks that reorder or hide text, and half of a surrogate pair.
const hostile =
  /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** Makes a text safe for a terminal: nothing in it moves the cursor, colours or reorders text. */
export function printable(text: string): string {
  return printableAscii.test(text) ? text : text.replace(hostile, '\ufffd');
}

/** Returns how many columns a terminal gives to a text, without its colours. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(/\x1b\[[\d;]*m/g, '')) width += characterWidth(character);
  return width;
}

/** Cuts a text to a number of columns, the last of which is an ellipsis if anything is cut. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns > 0 ? `${startOf(text, columns - 1)}…` : '';
}

/** Cuts a text in its middle: the end of a path says most, and its beginning more than what is between. */
export function truncateMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 4) return truncate(text, columns);
  const start = startOf(text, Math.floor((columns - 1) / 3));
  const backwards = Array.from(text).reverse().join('');
  const end = Array.from(startOf(backwards, columns - 1 - displayWidth(start)))
    .reverse()
    .join('');
  return `${start}…${end}`;
}

/** Breaks a text into lines of so many columns, at spaces. */
export function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (displayWidth(line) + 1 + displayWidth(word) <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Replaces what isn't ASCII, column for column, for terminals that show nothing else. */
export function toAscii(text: string): string {
  return text.replaceAll('…', '~').replace(/[^\x00-\x7e]/gu, (character) => '?'.repeat(characterWidth(character)));
}

function startOf(text: string, columns: number): string {
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return kept;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (/[\p{Cc}\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return code >= 0x1100 && isWide(code) ? 2 : 1;
}

// The East Asian Wide and Fullwidth blocks, and the emoji, of Unicode's EastAsianWidth.txt.
const wideBlocks = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
] as const;

function isWide(code: number): boolean {
  return wideBlocks.some(([first, last]) => code >= first && code <= last);
}
