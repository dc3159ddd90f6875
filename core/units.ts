import { formatRate } from './rate.js';
import type { PolicyRule } from './records.js';

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Formats bytes for people, 1024-based: `999 B`, `1.4 KB`, `12.3 MB`, `512 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.round(bytes);
  let unit = 0;
  while (Number(shorten(value, unit)) >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${shorten(value, unit)} ${byteUnits[unit]}`;
}

/** Formats bytes per second for people: `1.4 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Formats a rule's limits, exactly: `upload 1.5MB, download none, shared`; null is `no rule`. */
export function formatRule(rule: Omit<PolicyRule, 'path'> | null): string {
  if (rule === null) return 'no rule';
  return `upload ${formatRate(rule.upload)}, download ${formatRate(rule.download)}${rule.shared ? ', shared' : ''}`;
}

/** Formats milliseconds for people: `350 ms`, `1.4 s`, `2 min 05 s`, `1 h 02 min`, `3 d 04 h`. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.round(milliseconds);
  if (ms < 1000) return `${ms} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

// Bytes are whole; a larger unit has one decimal below 100, where that still means something.
function shorten(value: number, unit: number): string {
  return value.toFixed(unit > 0 && value < 99.95 ? 1 : 0);
}

function pair(value: number, base: number, large: string, small: string): string {
  return `${Math.floor(value / base)} ${large} ${String(value % base).padStart(2, '0')} ${small}`;
}
