// Whose types a C# file mentions. Two projects may each have a type of one name: a file means its own project's.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { codeOf, mentions } from './text.mjs';

export function csharpEdges(root, files) {
  const sources = files
    .filter((file) => file.endsWith('.cs'))
    .map((file) => ({
      file,
      project: posix.dirname(file),
      code: codeOf(readFileSync(join(root, file), 'utf8'), '//'),
    }));
  const types = sources.flatMap(({ file, project, code }) =>
    [...code.matchAll(/\b(?:class|struct|interface|enum|delegate [\w<>[\]]+) (\w+)/g)].map(([, name]) => ({
      file,
      project,
      name,
    })),
  );
  return sources.flatMap(({ file, project, code }) => {
    const mentioned = mentions(code.replaceAll(/(?<!\bNetFlow)\.\s*\w+/g, ''));
    const isOwn = ({ name }) => types.some((type) => type.file === file && type.name === name); // of a partial type, too
    const isHidden = ({ name }) => types.some((type) => type.project === project && type.name === name);
    return types
      .filter((type) => mentioned.has(type.name) && !isOwn(type) && (type.project === project || !isHidden(type)))
      .map((type) => [file, type.file]);
  });
}
