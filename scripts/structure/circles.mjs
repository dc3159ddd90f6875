/** For each circle among edges, which are pairs of names, one line: `a → b → a`. */
export function circles(edges) {
  const targets = new Map();
  for (const [from, to] of edges) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const found = new Map();
  for (const start of [...targets.keys()].sort()) {
    const circle = shortestCircle(targets, start);
    if (circle && !found.has(circle.toSorted().join())) found.set(circle.toSorted().join(), circle);
  }
  return [...found.values()].map((circle) => [...circle, circle[0]].join(' → '));
}

/** The names on the shortest way from one back to itself. */
function shortestCircle(targets, start) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways) {
    for (const next of targets.get(way.at(-1)) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
