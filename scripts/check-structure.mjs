// Fails where files use one another in a circle, in whatever language, or where one uses what stands above it
// (structure/layers.mjs). Each circle and each such arrow is one line.
import { structureProblems } from './structure/problems.mjs';
import { CommandError, main } from './support/command.mjs';
import { root } from './support/project.mjs';

await main('check-structure', () => {
  const problems = structureProblems(root);
  if (problems.length > 0) throw new CommandError(`${problems.length} to fix`, { output: problems.join('\n') });
});
