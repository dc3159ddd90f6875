/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper;
}

/** What two series that were taken in turns say of each other. */
export interface Comparison {
  first: number;
  second: number;
  /** The median of each pair's second over its first. */
  ratio: number;
  lowest: number;
  highest: number;
}

export function compare(first: readonly number[], second: readonly number[]): Comparison {
  const ratios = first.map((value, index) => (second[index] ?? NaN) / value);
  return {
    first: median(first),
    second: median(second),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
}

/** `12,345` or `1.23`: three digits or all that are before the point. */
export function plain(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function ratioText(value: number): string {
  return value.toFixed(3);
}

export function spreadText({ lowest, highest }: Comparison): string {
  return `${ratioText(lowest)}–${ratioText(highest)}`;
}

/** `≥ 0.99, met` or `≥ 0.99, missed`. */
export function atLeast(aim: number, value: number): string {
  return `≥ ${aim}, ${value >= aim ? 'met' : 'missed'}`;
}

export function atMost(aim: number, value: number, unit: string): string {
  return `≤ ${aim} ${unit}, ${value <= aim ? 'met' : 'missed'}`;
}

/** A line of a table: what is compared, its two figures, their ratio, whether that is as it should be, and its spread. */
export function comparisonRow(what: string, aim: number, comparison: Comparison): string[] {
  const { first, second, ratio } = comparison;
  return [what, plain(first), plain(second), ratioText(ratio), atLeast(aim, ratio), spreadText(comparison)];
}
