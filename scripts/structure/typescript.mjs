// Who imports whom in TypeScript and JavaScript, imports of types and import() included.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import typescript from 'typescript';

export function typescriptEdges(root, files) {
  const modules = new Set(files.filter((file) => /\.(ts|js|mjs)$/.test(file)));
  return [...modules].flatMap((file) => {
    const { importedFiles } = typescript.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
    return importedFiles
      .filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => posix.join(posix.dirname(file), fileName))
      .flatMap((path) => [path.replace(/\.js$/, '.ts'), path].find((candidate) => modules.has(candidate)) ?? [])
      .map((imported) => [file, imported]);
  });
}
