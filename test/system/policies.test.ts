import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanUp } from '../support/cleanup.js';
import { ended, sleep, until } from '../support/commands.js';
import { limits, MB, needNoLimits, withoutLimits } from './support/limits.js';
import { asRoot, list, mustSucceed, netflow, startNetflow, stopDriver } from './support/netflow.js';
import { pumpAs, startFlow, untilEnded } from './support/pump.js';

/** Kills at random moments of applying a policy. */
const kills = 100;
const manyRules = 1000;

describe('policies', function () {
  this.timeout(180_000);

  let folder = '';
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  const limitOf = async (pid: number) => (await list({ pids: [pid] }))[0]?.uploadLimit;

  withoutLimits(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netflow-policies-'));
    onCleanUp(() => rmSync(folder, { recursive: true }));
    await needNoLimits();
  });

  it('follow a link to an executable, also where it changes', async () => {
    const [one, two] = [pumpAs('one'), pumpAs('two')];
    const link = join(folder, 'link');
    symlinkSync(one, link);
    await mustSucceed('policy', 'apply', write('link.csv', `Path,Upload,Download,Shared\n${link},3MB,,\n`));
    const flow = await startFlow({ programs: { send: one, receive: two }, ...untilEnded });
    await until('the link holds', async () => (await limitOf(flow.pids.send)) === 3 * MB);
    rmSync(link);
    symlinkSync(two, link);
    await until('the new link holds', async () => (await limitOf(flow.pids.receive)) === 3 * MB);
    assert.equal(await limitOf(flow.pids.send), null);
    await flow.end();
  });

  it('are there again after a restart of the driver', async () => {
    const program = pumpAs('restarted');
    const file = write('restart.csv', `Path,Upload,Download,Shared\n${program},1MB,,\n`);
    await mustSucceed('policy', 'apply', file);
    await stopDriver();
    assert.equal((await limits()).length, 1);
    await mustSucceed('policy', 'test', file);
    await mustSucceed('driver', 'start');
    const flow = await startFlow({ programs: { send: program }, ...untilEnded });
    await until('its process is limited', async () => (await limitOf(flow.pids.send)) === MB);
    await flow.end();
  });

  it(`are the old or the new ones after each of ${kills} kills, and hold in the end`, async () => {
    const program = pumpAs('survivor');
    const fileOf = (rate: number): string =>
      write(`${rate}.csv`, `Path,Upload,Download,Shared\n${program},${rate},,\n/opt/other,${rate},${rate},true\n`);
    const rates = [MB, 2 * MB];
    const files = rates.map(fileOf);
    await mustSucceed('policy', 'apply', files[0] ?? '');
    const slowest = 250;
    for (let kill = 0; kill < kills; kill++) {
      const child = startNetflow('policy', 'apply', files[kill % 2] ?? '');
      await sleep(Math.random() * slowest);
      child.kill('SIGKILL');
      await ended(child);
      if (kill % 10 !== 0) continue;
      const set = await limits();
      assert.equal(set.length, 2);
      assert.equal(new Set(set.map(({ uploadLimit }) => uploadLimit)).size, 1, 'half a policy');
    }
    const [saved] = await limits();
    assert.ok(saved);
    const flow = await startFlow({ programs: { send: program }, ...untilEnded });
    await until('the kernel has what was saved', async () => (await limitOf(flow.pids.send)) === saved.uploadLimit);
    await mustSucceed('policy', 'apply', fileOf(3 * MB));
    assert.deepEqual(readdirSync('/var/lib/netflow'), ['rules.json'], 'nothing of those that were killed stays');
    await flow.end();
  });

  it('are all there where several are set at once', async () => {
    const paths = Array.from({ length: 8 }, (_, index) => `/opt/at-once/${index}`);
    await Promise.all(paths.map((path) => mustSucceed('limit', 'set', '--path', path, '--upload', '1MB')));
    assert.deepEqual(
      (await limits()).map(({ path }) => path),
      paths,
    );
  });

  it(`hold with ${manyRules} rules`, async () => {
    const program = pumpAs('among-many');
    const others = Array.from({ length: manyRules - 1 }, (_, index) => `/opt/many/${index},${100 + index}KB,,`);
    const file = write('many.csv', ['Path,Upload,Download,Shared', ...others, `${program},5MB,,`].join('\n'));
    await mustSucceed('policy', 'apply', file);
    assert.equal((await limits()).length, manyRules);
    const flow = await startFlow({ programs: { send: program }, ...untilEnded });
    await until('its process is limited', async () => (await limitOf(flow.pids.send)) === 5 * MB);
    await flow.end();
  });
});

describe('limits that are none', function () {
  this.timeout(120_000);

  asRoot(() => needNoLimits());

  for (const [what, code, pid] of [
    ['a process that is not there', 5, 4_194_303],
    ['a thread of the kernel', 2, 2],
  ] as const) {
    it(`are refused with one line and change nothing: ${what}`, async () => {
      const { code: ended, stdout, stderr } = await netflow('limit', 'set', '--pid', pid, '--upload', '1MB');
      assert.deepEqual([ended, stdout], [code, ''], stderr);
      assert.match(stderr, /^netflow: [^\n]+\n$/u);
      assert.deepEqual(await limits(), []);
    });
  }
});
