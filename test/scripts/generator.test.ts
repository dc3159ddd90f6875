import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../support/paths.js';

const protocol = 'driver/protocol.h';
const layout = 'driver/linux/layout.h';

// That it is what the headers and the eBPF programs say, lint checks.
describe('what is generated from C', () => {
  const isStale = /is not what driver\/.*\.h makes/u;
  const differs = /is \d+ on x86-64, but \d+ on /u;
  const changes: [string, string, string, string, RegExp][] = [
    ['a field that moves', protocol, 'parent_id;\n\tuint32_t user_id;', 'user_id;\n\tuint32_t parent_id;', isStale],
    ['a layout that differs between machines', protocol, 'uint64_t exit_time;', 'long exit_time;', differs],
    ['a device with another number', layout, '1313361921', '1313361922', isStale],
    ['a program with another name', 'driver/linux/detour.bpf.c', 'netflow_return(', 'netflow_hand_back(', isStale],
    ['a map with another name', 'driver/linux/rules.h', 'own_classes', 'process_classes', isStale],
  ];
  for (const [what, file, from, to, message] of changes) {
    it(`is no more so after ${what}`, () => {
      const { status, stderr } = checkWith(file, from, to);
      assert.notEqual(status, 0);
      assert.match(stderr, message);
    });
  }
});

/** Runs the check in a copy of the files it reads, with one change to one of them. */
function checkWith(changed: string, from: string, to: string) {
  const folder = mkdtempSync(join(tmpdir(), 'netflow-generator-'));
  try {
    for (const name of ['package.json', 'scripts', 'driver', 'core/driver']) {
      cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
    }
    for (const header of [protocol, layout]) {
      edit(join(folder, header), (text) => text.replaceAll(/NETFLOW_ASSERT\(.*\);/gu, ''));
    }
    edit(join(folder, changed), (text) => {
      assert.ok(text.includes(from));
      return text.replaceAll(from, to);
    });
    const script = join(folder, 'scripts', 'generate-protocol.mjs');
    return spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}
