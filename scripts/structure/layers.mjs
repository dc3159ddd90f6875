// Says which files the files of a folder may use beside one another. A file belongs to the longest folder that fits it.
// `folder/` is all that is in it, `folder/*` the files directly in it.
const layers = {
  'driver/linux/': ['driver/protocol'],
  'driver/windows/common/': ['driver/protocol'],
  'driver/windows/wfp/': ['driver/protocol', 'driver/windows/common/'],
  'driver/simulator/': ['driver/protocol', 'driver/windows/wfp/fwp'],
  'driver/test/': ['driver/'],
  'core/': ['core/driver/open.ts', 'core/driver/driver.ts'],
  'core/driver/': ['core/*', 'core/driver/linux/', 'core/driver/windows/'],
  'core/driver/linux/': ['core/*', 'core/driver/*'],
  'core/driver/windows/': ['core/*', 'core/driver/*'],
  'bin/': ['core/index.ts', 'core/start-bundle.js'],
  'psmodule/': [],
  'psmodule/bridge/': ['core/index.ts', 'core/start-bundle.js'],
  'scripts/': [],
  'test/': [''],
};

/** Files that use the driver's client, which may not use them, although it may use the files beside them. */
const above = ['core/index.ts', 'core/netflow.ts'];

/** Returns a line for each use that is not allowed. */
export function arrowsUpwards(edges) {
  return edges.filter(([from, to]) => !mayUse(from, to)).map(([from, to]) => `${from} ↑ ${to}`);
}

function mayUse(from, to) {
  const own = Object.keys(layers)
    .filter((folder) => from.startsWith(folder))
    .sort()
    .at(-1);
  if (own === undefined) return true;
  if (own.startsWith('core/driver/') && above.includes(to)) return false;
  return fits(to, own) || layers[own].some((place) => fits(to, place));
}

function fits(file, place) {
  if (!place.endsWith('*')) return file.startsWith(place);
  return file.startsWith(place.slice(0, -1)) && !file.slice(place.length - 1).includes('/');
}
