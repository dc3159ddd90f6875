import { limitRange } from './driver/driver.js';
import { NetFlowError } from './errors.js';
import { quote } from './quote.js';

const { least, greatest } = limitRange;

// prettier-ignore
const byteUnits: Record<string, number> = {
  '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3,
};
const bitUnits: Record<string, number> = { kbit: 1e3 / 8, mbit: 1e6 / 8, gbit: 1e9 / 8 };

/**
 * Reads a rate in bytes per second, null for `none`. Plain numbers are bytes; KB, MB and GB are 1024-based, and so are
 * KiB, MiB and GiB; kbit, mbit and gbit are 1000-based bits; `/s` may follow. Throws INVALID_ARGUMENT for anything else,
 * and below 1 KB/s.
 */
export function parseRate(value: string | number): number | null {
  const text = String(value).trim();
  if (/^none$/iu.test(text)) return null;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s?([a-z]*)(?:\/s)?$/iu.exec(text) ?? [];
  if (number === '') throw invalidRate(text, /^\d+,\d+[^,]*$/u.test(text) ? text.replace(',', '.') : undefined);
  // 1Mb is a megabyte to PowerShell, and a megabit to most people.
  const factor = /^[KMG]i?b$/u.test(unit) ? undefined : factorOf(unit);
  if (factor === undefined) throw unknownUnit(text, number, unit);
  return within(Math.round(Number(number) * factor), text);
}

/** Throws INVALID_ARGUMENT for a number that can't be a limit; null stands for none. */
export function checkRate(rate: number | null): number | null {
  return rate === null ? null : within(rate, String(rate));
}

/** Returns a short text that parseRate reads as exactly this rate: `500KB`, `1.5MB`, `10mbit`, `1234567`. */
export function formatRate(rate: number | null): string {
  if (rate === null) return 'none';
  for (const unit of ['GB', 'MB', 'KB', 'gbit', 'mbit', 'kbit']) {
    const value = rate / (factorOf(unit) ?? 1);
    if (value >= 1 && Number.isInteger(unit in bitUnits ? value : value * 1000)) return `${value}${unit}`;
  }
  return String(rate);
}

function factorOf(unit: string): number | undefined {
  const name = unit.toLowerCase();
  return byteUnits[name] ?? bitUnits[name];
}

function within(rate: number, text: string): number {
  if (!Number.isInteger(rate)) throw invalidRate(text);
  if (rate < least) {
    throw new NetFlowError(
      'INVALID_ARGUMENT',
      `${quote(text)} is too low for a limit: give 1KB (a second) or more, or none for no limit.`,
    );
  }
  if (rate > greatest) {
    throw new NetFlowError('INVALID_ARGUMENT', `${quote(text)} is too high for a limit: give none for no limit.`);
  }
  return rate;
}

/** Names both units that may be meant, since a guess would be wrong by a factor of eight. */
function unknownUnit(text: string, number: string, unit: string): NetFlowError {
  const prefix = /^[kmg]/iu.exec(unit)?.[0].toUpperCase();
  if (prefix === undefined) return invalidRate(text);
  return new NetFlowError(
    'INVALID_ARGUMENT',
    `${quote(text)} can be read as bits or as bytes: write ${number}${prefix.toLowerCase()}bit or ${number}${prefix}B.`,
  );
}

function invalidRate(text: string, meant = 'it like 500KB, 1.5MB/s, 10mbit or none'): NetFlowError {
  return new NetFlowError('INVALID_ARGUMENT', `Invalid rate ${quote(text)}: write ${meant}.`);
}
