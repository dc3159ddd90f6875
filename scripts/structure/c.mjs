// Finds the files that a C file includes, and those that define the functions that it uses: a function may be declared in
// one header and defined elsewhere. A .c and its .h are one name. Relies on the form that clang-format gives.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { codeOf, mentions } from './text.mjs';

const includeFolders = ['driver'];
const head = String.raw`^[A-Za-z_][^;{}=#]*\)`;
const definition = new RegExp(String.raw`${head}\s*\n\{`, 'gm');
const prototype = new RegExp(`${head}[^;{}=#()]*;`, 'gm');

export function cEdges(root, files) {
  const names = files.filter((file) => /\.[ch]$/.test(file));
  const sources = new Map(names.map((file) => [file, read(root, file, names)]));
  const definers = new Map();
  for (const [file, { defined }] of sources)
    for (const name of defined) definers.set(name, [...(definers.get(name) ?? []), file]);
  return [...sources]
    .flatMap(([file, source]) => [
      ...source.included.map((header) => [file, header]),
      ...definersOf(source, sources, definers)
        .filter((definer) => !standsForWindows(definer, file))
        .map((definer) => [file, definer]),
    ])
    .map((edge) => edge.map((file) => file.replace(/\.[ch]$/, '')))
    .filter(([from, to]) => from !== to);
}

function read(root, file, names) {
  const text = readFileSync(join(root, file), 'utf8');
  const code = codeOf(text, '//');
  const isHeader = file.endsWith('.h');
  return {
    included: includedBy(file, text, names),
    declared: isHeader ? functionsIn(code, prototype) : [],
    defined: functionsIn(code, definition, isHeader),
    used: mentions(code.replaceAll(prototype, ' ').replaceAll(/(?:\.|->|\bstruct |\benum )\s*\w+/g, ' ')),
  };
}

function includedBy(file, text, names) {
  const paths = [...text.matchAll(/^#\s*include "(.+)"/gm)].map(([, path]) => path);
  return paths.flatMap((path) => {
    const candidates = [posix.dirname(file), ...includeFolders].map((folder) => posix.join(folder, path));
    return candidates.find((candidate) => names.includes(candidate)) ?? [];
  });
}

/** Those that another file can see. */
function functionsIn(code, pattern, isHeader) {
  return [...code.matchAll(pattern)]
    .map(([text]) => text.replaceAll(/^SEC\(.*\)$/gm, '').trim())
    .filter((text) => isHeader || !text.startsWith('static'))
    .map((text) => /(?:[A-Z_]+\()?(\w+)\s*[(,)]/.exec(text)?.[1]);
}

/** Leaves out functions that several files define, such as main: each program has its own. */
function definersOf({ included, used }, sources, definers) {
  const visible = headersSeen(included, sources).flatMap((header) => sources.get(header).declared);
  return visible.flatMap((name) => {
    const [definer, another] = (used.has(name) && definers.get(name)) || [];
    return definer && !another ? [definer] : [];
  });
}

/** The simulator defines what Windows does for a driver. */
function standsForWindows(definer, user) {
  return definer.startsWith('driver/simulator/') && user.startsWith('driver/windows/');
}

function headersSeen(included, sources) {
  const seen = new Set(included);
  for (const header of seen) for (const next of sources.get(header).included) seen.add(next);
  return [...seen];
}
