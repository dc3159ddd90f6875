// Knows whether something was built from the current sources, by their content, since copies and checkouts change times.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './project.mjs';

/** A stamp for outputs that are made from files and folders; `also` is whatever else the result depends on. */
export function stamp(name, { inputs, outputs, also = '' }) {
  const file = join(root, 'dist', `.${name}.stamp`);
  const now = () => digest(inputs.flatMap(filesIn).sort(), also);
  return {
    isCurrent: () => outputs.every((output) => existsSync(output)) && read(file) === now(),
    set() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, now());
    },
  };
}

function digest(files, also) {
  const hash = createHash('sha256').update(also);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesIn(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  const names = readdirSync(full).filter((name) => name !== 'node_modules');
  return names.flatMap((name) => filesIn(join(path, name)));
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
