/** Orders rules by their paths, character by character: the same on every machine, whatever its language. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}
