import { formatBytes, formatSpeed, type ProcessTraffic, type TrafficSnapshot } from '../../core/index.js';
import { displayWidth, truncate } from './text.js';

type Sums = TrafficSnapshot['totals'];

/** Describes in a line each what the whole machine transfers and what the processes shown do, as the width allows. */
export function totalsLines(
  { time, totals }: TrafficSnapshot,
  rows: readonly ProcessTraffic[],
  label: string,
  width = Infinity,
): string[] {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const [machine, shown] = [new Totals(totals), new Totals(sumOf(rows))];
  return [
    firstThatFits(width, [
      [clock, ...machine.whole, 'on this machine'],
      [clock, ...machine.speeds, 'on this machine'],
      [clock, ...machine.speeds],
      machine.speeds,
      [machine.speed],
    ]),
    firstThatFits(width, [['shown   ', ...shown.whole, label], ['shown   ', ...shown.speeds, label], [label]]),
  ];
}

/** Sums in words. Their widths are the same as far as possible, so that they don't jump about. */
class Totals {
  readonly #sums: Sums;

  constructor(sums: Sums) {
    this.#sums = sums;
  }

  get speed(): string {
    return `up+down ${formatSpeed(this.#sums.uploadSpeed + this.#sums.downloadSpeed)}`;
  }

  get speeds(): string[] {
    const { uploadSpeed, downloadSpeed } = this.#sums;
    return [`up ${formatSpeed(uploadSpeed)}`.padEnd(12), `down ${formatSpeed(downloadSpeed)}`.padEnd(14)];
  }

  get whole(): string[] {
    const { uploadSpeed, downloadSpeed, uploadBytes, downloadBytes } = this.#sums;
    return [
      `up ${formatSpeed(uploadSpeed)} (${formatBytes(uploadBytes)})`.padEnd(22),
      `down ${formatSpeed(downloadSpeed)} (${formatBytes(downloadBytes)})`.padEnd(24),
    ];
  }
}

function firstThatFits(width: number, candidates: readonly (readonly string[])[]): string {
  const lines = candidates.map((parts) => parts.join('  ').trimEnd());
  return lines.find((line) => displayWidth(line) <= width) ?? truncate(lines.at(-1) ?? '', width);
}

function sumOf(rows: readonly ProcessTraffic[]): Sums {
  const sum = (field: keyof Sums): number => rows.reduce((total, row) => total + row[field], 0);
  return {
    uploadBytes: sum('uploadBytes'),
    downloadBytes: sum('downloadBytes'),
    uploadSpeed: sum('uploadSpeed'),
    downloadSpeed: sum('downloadSpeed'),
  };
}
