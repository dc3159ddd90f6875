import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from '../support/commands.js';
import { skipWithout } from '../support/machine.js';
import { applyRules, limit, MB, needNoLimits, withoutLimits } from './support/limits.js';
import { nginxConfiguration } from './support/nginx.js';
import { temporaryFolder } from '../support/paths.js';
import { freePort, privateCopy, runTo, serve } from './support/relay.js';

const seconds = 2;
const fileSize = seconds * 3 * MB + 11;

describe('a file sent at a limit arrives as it was', () => {
  let folder = '';
  let curl = '';
  let nginx = '';
  let url = '';

  withoutLimits(async function () {
    const missing = ['curl', 'nginx'].filter((name) => !hasProgram(name));
    if (missing.length > 0) skipWithout(this, `${missing.join(' and ')} not installed`);
    await needNoLimits();
    folder = realpathSync(temporaryFolder());
    curl = await privateCopy(folder, 'curl');
    nginx = await privateCopy(folder, 'nginx');
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www/sent'), randomBytes(fileSize));
    const port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, port));
    await serve(port, [nginx, '-p', folder, '-c', join(folder, 'nginx.conf')]);
    url = `http://127.0.0.1:${port}`;
  });

  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');

  /** Runs curl, which fails where any byte is missing, and holds that the limit was felt. */
  async function transfer(...args: readonly string[]): Promise<void> {
    const common = ['--silent', '--show-error', '--fail', '--write-out', '%{time_total}'];
    const took = Number(await runTo([curl, ...common, ...args]));
    assert.ok(took > seconds * 0.9, `${fileSize} bytes took ${took} s`);
  }

  for (const [whose, path, option] of [
    ['the server may not send faster', () => nginx, '--upload'],
    ['the client may not receive faster', () => curl, '--download'],
  ] as const) {
    it(`down, where ${whose}`, async () => {
      await limit('--path', path(), option, '3MB');
      await transfer('--output', join(folder, 'received'), `${url}/sent`);
      assert.equal(digest('received'), digest('www/sent'));
    });
  }

  for (const [whose, path, option] of [
    ['the client may not send faster', () => curl, '--upload'],
    ['the server may not receive faster', () => nginx, '--download'],
  ] as const) {
    it(`up, where ${whose}`, async () => {
      await limit('--path', path(), option, '3MB');
      await transfer('--upload-file', join(folder, 'www/sent'), `${url}/put`);
      assert.equal(digest('www/put'), digest('www/sent'));
    });
  }

  it('on eight connections at once, both sides limited', async () => {
    await applyRules([
      [nginx, '24MB', 'none'],
      [curl, 'none', '12MB'],
    ]);
    const names = Array.from({ length: 8 }, (_, index) => `received${index}`);
    const outputs = names.flatMap((name) => ['--output', join(folder, name), `${url}/sent`]);
    await runTo([curl, '--silent', '--show-error', '--fail', '--parallel', '--parallel-immediate', ...outputs]);
    for (const name of names) assert.equal(digest(name), digest('www/sent'), name);
  });
});
