import type { Identity } from '../../driver.js';
import type { OwnClasses } from './classes.js';
import { fileOf, type FileId } from './file-id.js';
import type { Classes, KernelRule, RuleMaps, Rules } from './rule-maps.js';

/** Brings the rules in the maps from `current` to `next`; false where they are the same. */
export function writeRules(maps: RuleMaps, current: Rules, next: Rules): boolean {
  for (const [path, rule] of current.paths) if (!next.paths.has(path)) maps.removePath(path, rule);
  for (const identity of current.processes.keys()) if (!next.processes.has(identity)) maps.removeProcess(identity);
  const paths = [...next.paths].filter(([path, rule]) => !isSame(current.paths.get(path), rule));
  const processes = [...next.processes].filter(([identity, rule]) => !isSame(current.processes.get(identity), rule));
  for (const [path, rule] of paths) maps.setPath(path, rule);
  for (const [identity, rule] of processes) maps.setProcess(identity, rule);
  writeFiles(maps, next.paths);
  return paths.length + processes.length > 0;
}

function writeFiles(maps: RuleMaps, paths: ReadonlyMap<string, KernelRule>): void {
  const current = maps.files();
  const next = new Map(
    [...paths].flatMap(([path, rule]): [FileId, KernelRule][] => {
      const file = fileOf(path);
      return file === null ? [] : [[file, rule]];
    }),
  );
  for (const file of current.keys()) if (!next.has(file)) maps.removeFile(file);
  for (const [file, rule] of next) if (!isSame(current.get(file), rule)) maps.setFile(file, rule);
}

export function writeOwnClasses(
  maps: RuleMaps,
  before: ReadonlyMap<Identity, Classes>,
  after: readonly OwnClasses[],
): void {
  const kept = new Set(after.map(({ identity }) => identity));
  for (const identity of before.keys()) if (!kept.has(identity)) maps.removeOwnClasses(identity);
  for (const { identity, classes } of after) maps.setOwnClasses(identity, classes);
}

function isSame(a: KernelRule | undefined, b: KernelRule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
