import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The server is built for this version, and runs on every later one. */
const oldestMajor = 8;

const usualFolders = ['/usr/share/dotnet', '/usr/lib/dotnet', '/usr/lib64/dotnet', '/usr/local/share/dotnet'];

/** An installed .NET runtime. */
export interface Runtime {
  /** The folder of the program `dotnet`. */
  folder: string;
  version: string;
}

/** Finds the newest runtime of the first installation that has a suitable one; edge-js itself would ask for an SDK. */
export function findRuntime(): Runtime {
  const folders = [...new Set([...installations()])];
  for (const folder of folders) {
    const version = versionsIn(folder).toSorted(compareVersions).at(-1);
    if (version !== undefined) return { folder, version };
  }
  const places = folders.length > 0 ? folders.join(', ') : 'PATH or the usual places';
  throw new Error(`there is no .NET runtime ${oldestMajor} or later in ${places}: install one, or set DOTNET_ROOT`);
}

function* installations(): Generator<string> {
  if (process.env.DOTNET_ROOT) yield process.env.DOTNET_ROOT;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const program = join(folder, 'dotnet');
    if (folder.startsWith('/') && existsSync(program)) yield dirname(realpathSync(program));
  }
  yield* usualFolders.filter((folder) => existsSync(folder));
}

function versionsIn(folder: string): string[] {
  const runtimes = join(folder, 'shared', 'Microsoft.NETCore.App');
  if (!existsSync(runtimes)) return [];
  return readdirSync(runtimes).filter((version) => /^\d+\.\d+\.\d+$/.test(version) && parseInt(version) >= oldestMajor);
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
