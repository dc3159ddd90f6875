// Whose functions a PowerShell file calls.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './text.mjs';

export function powershellEdges(root, files) {
  const sources = files
    .filter((file) => /\.psm?1$/.test(file))
    .map((file) => ({ file, code: codeOf(readFileSync(join(root, file), 'utf8'), '#') }));
  const functions = sources.flatMap(({ file, code }) =>
    [...code.matchAll(/^\s*function (?:script:|global:)?([\w-]+)/gim)].map(([, name]) => ({
      file,
      name: name.toLowerCase(),
    })),
  );
  return sources.flatMap(({ file, code }) => {
    const words = new Set(code.toLowerCase().match(/[\w-]+/g));
    const used = functions.filter(
      ({ name }) => words.has(name) && !functions.some((own) => own.file === file && own.name === name),
    );
    return used.map((other) => [file, other.file]);
  });
}
