import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../support/paths.js';

type Tree = Record<string, string>;

const checker = pathToFileURL(join(projectRoot, 'scripts/structure/problems.mjs')).href;
const { structureProblems } = (await import(checker)) as { structureProblems: (folder: string) => string[] };

describe('the check of the structure', () => {
  const wrong: [string, Tree, RegExp][] = [
    [
      'a circle of TypeScript, an import() and one of a type included',
      {
        'core/a.ts': `import('./b.js');`,
        'core/b.ts': `import type { C } from './c.mjs';`,
        'core/c.mjs': `import './a.js';`,
      },
      /^core\/a\.ts → core\/b\.ts → core\/c\.mjs → core\/a\.ts$/mu,
    ],
    [
      'a circle of includes',
      { 'driver/x/a.h': '#include "b.h"', 'driver/x/b.h': '', 'driver/x/b.c': '#include "b.h"\n#include "a.h"' },
      /^driver\/x\/a → driver\/x\/b → driver\/x\/a$/mu,
    ],
    [
      "a function that is defined beside another header than its own's",
      {
        'driver/x/flow.h': '#include "process.h"\n/* of a process */\nint *process_traffic(int id);',
        'driver/x/flow.c': '#include "flow.h"\nint flow(void)\n{\n\treturn *process_traffic(1);\n}',
        'driver/x/process.h': '',
        'driver/x/process.c': '#include "flow.h"\nint *process_traffic(int id)\n{\n\treturn 0;\n}',
      },
      /^driver\/x\/flow → driver\/x\/process → driver\/x\/flow$/mu,
    ],
    [
      'a circle of C# types',
      {
        'psmodule/bridge/client/A.cs': 'internal static class A { public static int Of(B b) => 1; }',
        'psmodule/bridge/client/B.cs': '/* A */ internal sealed class B { private readonly C<int> own; }',
        'psmodule/bridge/client/C.cs': 'internal struct C<T> { public int Value => A.Of(null); }',
      },
      /^psmodule\/bridge\/client\/A\.cs → \S+B\.cs → \S+C\.cs → \S+A\.cs$/mu,
    ],
    [
      'a circle of PowerShell functions',
      { 'psmodule/Get-A.ps1': 'function Get-A { get-b }', 'psmodule/Get-B.ps1': 'function Get-B { Get-A }' },
      /^psmodule\/Get-A\.ps1 → psmodule\/Get-B\.ps1 → psmodule\/Get-A\.ps1$/mu,
    ],
    ['the module using the command line', uses('psmodule/bridge/start.js', 'bin/netflow.js'), /start\.js ↑ bin/u],
    ['the command line using more than the public part of core', uses('bin/a.ts', 'core/limits.ts'), /a\.ts ↑ core/u],
    ['the library using its facade from below', uses('core/driver/a.ts', 'core/netflow.ts'), /a\.ts ↑ core/u],
    ['one system using the other', uses('core/driver/linux/a.ts', 'core/driver/windows/b.ts'), /a\.ts ↑ \S+windows/u],
    ['the product using its tests', uses('core/a.ts', 'test/b.ts'), /a\.ts ↑ test/u],
    ['all that is common using WFP', includes('driver/windows/common/a', 'driver/windows/wfp/b'), /a ↑ \S+wfp\/b/u],
    ['the driver using the simulator', includes('driver/windows/wfp/a', 'driver/simulator/nt/b'), /a ↑ \S+nt\/b/u],
    ['one driver using the other', includes('driver/linux/a', 'driver/windows/common/b'), /a ↑ \S+common\/b/u],
  ];
  for (const [what, tree, expected] of wrong) {
    it(`finds ${what}`, () => {
      assert.match(problemsOf(tree).join('\n'), expected);
    });
  }

  it('finds nothing where each only uses what is below, and words are not code', () => {
    const problems = problemsOf({
      'bin/a.ts': `import { b } from '../core/index.js'; // import './c.js'`,
      'bin/c.ts': `import './a.js';`,
      'core/index.ts': '',
      'driver/protocol.h': '',
      'driver/linux/a.h': '#include "protocol.h"\n/* b() */\nint a(void);',
      'driver/linux/b.h': '#include "a.h"\nstatic int b(struct a *other)\n{\n\treturn other->a;\n}',
      'psmodule/bridge/client/A.cs': '/// <see cref="B"/>\ninternal class A { private readonly string text = "B"; }',
      'psmodule/bridge/client/B.cs': 'internal class B { private readonly A a; }',
      'psmodule/Get-A.ps1': '<# Get-B #>\nfunction Get-A { } # Get-B',
      'psmodule/Get-B.ps1': 'function Get-B { Get-A }',
    });
    assert.deepEqual(problems, []);
  });
});

function uses(user: string, used: string): Tree {
  return { [user]: `import '${'../'.repeat(user.split('/').length - 1)}${used.replace(/ts$/u, 'js')}';`, [used]: '' };
}

function includes(user: string, used: string): Tree {
  return { [`${user}.c`]: `#include "${'../'.repeat(user.split('/').length - 1)}${used}.h"`, [`${used}.h`]: '' };
}

function problemsOf(tree: Tree): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-structure-'));
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${text}\n`);
    }
    return structureProblems(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
