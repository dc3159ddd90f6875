import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSystemProgram } from '../../../../core/driver/linux/system-program.js';
import { cleanUp } from '../../../support/cleanup.js';
import { temporaryFolder } from '../../../support/paths.js';

describe('a program of the system', () => {
  if (process.platform === 'win32') return;
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
    cleanUp();
  });

  it("gets nothing of the caller's environment", () => {
    process.env['LD_AUDIT'] = '';
    process.env['NODE_OPTIONS'] = '--no-warnings';
    const names = runSystemProgram('env', [], 10).match(/^[A-Z_]+(?==)/gmu);
    assert.deepEqual(names?.toSorted(), ['LC_ALL', 'PATH']);
  });

  it("is not looked for in the caller's PATH", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'true'), '#!/bin/sh\necho taken\n', { mode: 0o755 });
    process.env['PATH'] = `${folder}:`;
    assert.equal(runSystemProgram('true', [], 10), '');
  });

  it('that does not end is ended', () => {
    assert.throws(() => runSystemProgram('sleep', ['60'], 0.1), {
      message: 'sleep 60 failed: it did not end within 0.1 s.',
    });
  });

  it('that fails gives one line', () => {
    assert.throws(() => runSystemProgram('false', [], 10), { message: 'false failed: exit code 1.' });
    assert.throws(() => runSystemProgram('sh', ['-c', 'echo so >&2; echo more >&2; exit 3'], 10), /failed: so\.$/u);
    assert.throws(() => runSystemProgram('no-such-program', [], 10), /There is no program no-such-program in/u);
  });
});
