import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cEdges } from './c.mjs';
import { circles } from './circles.mjs';
import { csharpEdges } from './csharp.mjs';
import { arrowsUpwards } from './layers.mjs';
import { powershellEdges } from './powershell.mjs';
import { typescriptEdges } from './typescript.mjs';

const languages = [typescriptEdges, cEdges, csharpEdges, powershellEdges];
const madeOrInstalled = new Set(['.git', 'dist', 'node_modules', 'obj']);

/** Returns a line for each circle, and for each arrow upwards, among the files of a folder. */
export function structureProblems(folder) {
  const files = filesIn(folder);
  const problems = languages.flatMap((edgesOf) => {
    const edges = edgesOf(folder, files);
    return [...circles(edges), ...arrowsUpwards(edges)];
  });
  return [...new Set(problems)];
}

/** Paths from the folder, with slashes. */
function filesIn(folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [`${below}${entry.name}`];
    return madeOrInstalled.has(entry.name) ? [] : filesIn(folder, `${below}${entry.name}/`);
  });
}
