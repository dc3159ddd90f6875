import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../support/paths.js';

describe('protocol.generated.ts', function () {
  this.timeout(30_000);

  it('is what protocol.h says, with the same layout on x86-64, i386 and BPF', () => {
    execFileSync(process.execPath, [join(projectRoot, 'scripts', 'generate-protocol.mjs'), '--check']);
  });

  const changes: [string, string, string, RegExp][] = [
    ['a field that moves', 'uint32_t parent_id;', 'uint32_t parent_id2, parent_id;', /generate-protocol/u],
    [
      'a layout that differs between machines',
      'uint64_t exit_time;',
      'long exit_time;',
      /is \d+ on x86-64, but \d+ on /u,
    ],
  ];
  for (const [what, from, to, message] of changes) {
    it(`is no more so after ${what}`, () => {
      const { status, stderr } = checkWith(from, to);
      assert.notEqual(status, 0);
      assert.match(stderr, message);
    });
  }
});

/** Runs the check in a copy of the files it reads, with one change to the header. */
function checkWith(from: string, to: string) {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-generator-'));
  try {
    for (const name of ['package.json', 'scripts', 'driver/protocol.h', 'core/driver/protocol.generated.ts']) {
      cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
    }
    const header = join(folder, 'driver', 'protocol.h');
    const text = readFileSync(header, 'utf8').replaceAll(/NETFLOW_ASSERT\(.*\);/gu, '');
    assert.ok(text.includes(from));
    writeFileSync(header, text.replace(from, to));
    const script = join(folder, 'scripts', 'generate-protocol.mjs');
    return spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
