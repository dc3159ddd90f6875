import {
  connectionFields,
  parseRate,
  processFields,
  protocolNames,
  stateNames,
  type Connection,
  type ProcessTraffic,
} from '../core/index.js';
import { truncate } from './output/text.js';

/** Linux counts up to PID_MAX_LIMIT; Windows has 32 bits. */
const greatestProcessId = process.platform === 'win32' ? 0xffff_ffff : 4_194_304;

export const pidOption = {
  describe: 'Only the process with this id; may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
  coerce: (values: readonly string[]) => values.map((value) => wholeNumber('--pid', value, 1, greatestProcessId)),
} as const;

export const nameOption = {
  describe: 'Only processes with a name like this (* and ? match anything); may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
  coerce: (values: readonly string[]) => values.map((value) => notEmpty('--name', value)),
} as const;

export const sortNames = processFields.map((field) => field.name);

export const sortOption = {
  describe: 'Sort by this field: the largest number, or the first name or id, on top',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => oneOf('--sort', value, sortNames) as keyof ProcessTraffic,
} as const;

export const topOption = {
  describe: 'Only the first N processes',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => wholeNumber('--top', value, 1, Number.MAX_SAFE_INTEGER),
} as const;

export const connectionSortNames = connectionFields.map((field) => field.name);

export const connectionSortOption = {
  ...sortOption,
  coerce: (value: string | readonly string[]) => oneOf('--sort', value, connectionSortNames) as keyof Connection,
} as const;

export const remoteOption = {
  describe: 'Only those to this address, or to one of a range (10.0.0.0/8); may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
} as const;

export const portOption = {
  describe: 'Only those with this port, on either side; may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
  coerce: (values: readonly string[]) => values.map((value) => wholeNumber('--port', value, 1, 65_535)),
} as const;

export const stateOption = {
  describe: 'Only those in this state; may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
  coerce: (values: readonly string[]) => values.map((value) => oneOf('--state', value, stateNames)),
} as const;

export const protocolOption = {
  describe: 'Only those of this protocol; may be repeated',
  type: 'string',
  array: true,
  requiresArg: true,
  coerce: (values: readonly string[]) =>
    values.map((value) => oneOf('--protocol', value, protocolNames) as Connection['protocol']),
} as const;

export const exitedOption = { describe: 'Include processes that have exited', type: 'boolean' } as const;

export const wideOption = { describe: 'Add path, service and command line to the table', type: 'boolean' } as const;

export const jsonOption = { describe: 'Write JSON', type: 'boolean' } as const;

export const csvOptions = {
  csv: { describe: 'Write CSV', type: 'boolean', conflicts: 'json' },
  spreadsheet: {
    describe: 'With --csv: for a spreadsheet, which then takes no name for a formula',
    type: 'boolean',
    implies: 'csv',
  },
} as const;

export const intervalOption = {
  describe: 'Seconds from one reading to the next, 0.1 to 86400; 1 if not given',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => decimalNumber('--interval', value, 0.1, 86_400),
} as const;

export const countOption = {
  describe: 'End after N readings',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => wholeNumber('--count', value, 1, Number.MAX_SAFE_INTEGER),
} as const;

export const maxProcessesOption = {
  describe: 'Make room for so many processes at a time, 16 to 1048576',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => wholeNumber('--max-processes', value, 16, 1_048_576),
} as const;

export const onePidOption = {
  describe: 'The process with this id, for as long as it runs',
  type: 'string',
  requiresArg: true,
  conflicts: 'path',
  coerce: (value: string | readonly string[]) => wholeNumber('--pid', value, 1, greatestProcessId),
} as const;

export const pathOption = {
  describe: 'Every process of this executable, now and later',
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]) => notEmpty('--path', once('--path', value)),
} as const;

export const uploadOption = rateOption(
  '--upload',
  'Limit what it sends, in bytes a second: 500KB, 1.5MB/s, 10mbit, none',
);

export const downloadOption = rateOption('--download', 'Limit what it receives');

/** Leaves out undefined options: core tells an absent option from an undefined one. */
export function given<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: NonNullable<Options[Name]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Options]?: NonNullable<Options[Name]>;
  };
}

function rateOption(name: string, describe: string) {
  return {
    describe,
    type: 'string',
    requiresArg: true,
    coerce: (value: string | readonly string[]) => {
      try {
        return parseRate(once(name, value));
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message.replace(/\.$/, '')}`, { cause: error });
      }
    },
  } as const;
}

function wholeNumber(option: string, value: string | readonly string[], least: number, most: number): number {
  const text = once(option, value);
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new Error(`${option} expects an integer ${range}, not ${quote(text)}`);
}

function decimalNumber(option: string, value: string | readonly string[], least: number, most: number): number {
  const text = once(option, value);
  const number = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option} expects a number from ${least} to ${most}, not ${quote(text)}`);
}

function oneOf(option: string, value: string | readonly string[], choices: readonly string[]): string {
  const text = once(option, value);
  const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase()); // CSV has names in PascalCase
  if (found !== undefined) return found;
  throw new Error(`${option} expects one of ${choices.join(', ')}, not ${quote(text)}`);
}

function notEmpty(option: string, value: string): string {
  if (value === '') throw new Error(`${option} expects a ${option === '--path' ? 'path' : 'name'}, not ""`);
  return value;
}

function once(option: string, value: string | readonly string[]): string {
  if (typeof value === 'string') return value;
  throw new Error(`${option} can be given only once`);
}

function quote(text: string): string {
  return JSON.stringify(truncate(text, 41));
}
