import {
  NetFlowError,
  processFields,
  type ProcessFilter,
  type ProcessTraffic,
  type WatchOptions,
} from '../core/index.js';
import { exitedOption, given, nameOption, pidOption, sortOption, topOption, wideOption } from './options.js';
import type { Format } from './output/rows.js';

/** The arguments by which commands choose and order processes. */
export interface FilterArguments {
  pid?: number[] | undefined;
  name?: string[] | undefined;
  sort?: keyof ProcessTraffic | undefined;
  top?: number | undefined;
  exited?: boolean | undefined;
  wide?: boolean | undefined;
}

export const filterOptions = {
  pid: pidOption,
  name: nameOption,
  sort: sortOption,
  top: topOption,
  exited: exitedOption,
  wide: wideOption,
} as const;

export interface WatchArguments extends FilterArguments, Format {
  interval?: number | undefined;
  count?: number | undefined;
}

/** Returns the filter that core expects. */
export function filterOf({ pid, name, sort, top, exited }: FilterArguments): ProcessFilter {
  return given({ pids: pid, names: name, sort, top, exited });
}

/** Whether a table is written that shows neither command lines nor services. */
export function isBrief({ wide, json, csv }: FilterArguments & Format): boolean {
  return !wide && !json && !csv;
}

/** For a command that reads once: whom it names has to be there now. A watch may wait for them. */
export function failMissingName(name: string): never {
  throw new NetFlowError('NOT_FOUND', `There is no process named ${name}: \`netflow list\` shows those with traffic.`);
}

/** Returns the fields; a table has only those of the optional ones that were asked for. */
export function shownFields({ exited, wide }: FilterArguments): typeof processFields {
  const asked = new Set<string>([...(exited ? ['exited'] : []), ...(wide ? ['path', 'service', 'commandLine'] : [])]);
  return processFields.map((field) => ({ ...field, table: field.table || asked.has(field.name) }));
}

/** Returns those of the arguments that say when to read. */
export function timesOf({ interval, count }: WatchArguments): WatchOptions {
  return given({ interval, count });
}
