import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram, run, runNow, start } from '../support/commands.js';
import { entry, projectRoot, temporaryFolder } from '../support/paths.js';
import { asRoot, mustSucceed, needDriver } from './support/netflow.js';

const pages = join(projectRoot, 'docs', 'how-to');

/** The pages' commands for a shell run one after the other, as somebody types them, in a folder of the page's own. */
describe('what the pages in docs/how-to say', () => {
  let folder = '';
  const inFolder = (path: string): string => join(folder, path);

  /** The system's folders are this one's; an hour is six tenths of a second. */
  const blocksOf = (page: string): string[] =>
    [...readFileSync(join(pages, page), 'utf8').matchAll(/^```sh\n(.*?)^```/gmsu)].map(([, block = '']) =>
      block
        .replaceAll(/\/(?:usr\/local\/sbin|etc\/systemd\/system)\//gu, `${folder}/`)
        .replace('--interval 60 --count 60', '--interval 0.1 --count 6'),
    );

  async function shell(script: string): Promise<string> {
    const set = `set -eu; cd "$1"; PATH="$1/bin:$PATH"\n${script}`;
    const { code, stdout, stderr } = await run('bash', ['-c', set, 'bash', folder]);
    assert.equal(code, 0, `${script}\n${stderr}`);
    return stdout;
  }

  const program = (name: string, script: string): void =>
    writeFileSync(inFolder(`bin/${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  asRoot(async () => {
    await needDriver();
  });

  beforeEach(() => {
    folder = temporaryFolder();
    mkdirSync(inFolder('bin'));
    program('netflow', `exec '${process.execPath}' '${entry}' "$@"`);
    program('systemctl', `echo "$@" >> '${inFolder('systemctl')}'`);
  });

  for (const page of readdirSync(pages)) {
    it(`runs: ${page}`, async () => {
      start(process.execPath, ['-e', 'const s = net.createServer().listen(0, () => net.connect(s.address().port))']);
      const blocks = blocksOf(page);
      assert.notEqual(blocks.length, 0);
      for (const block of blocks) await shell(block);
      if (page === 'an-hour-to-csv.md') assertReadings(6);
    });
  }

  function assertReadings(count: number): void {
    const [header, ...rows] = readFileSync(inFolder('traffic.csv'), 'utf8').trim().split('\n');
    assert.match(header ?? '', /^Time,ProcessId,ProcessName,.*,UploadBytes,DownloadBytes,/u);
    assert.equal(new Set(rows.map((row) => row.split(',')[0])).size, count);
  }

  it('sums what each process has downloaded since the first reading', async () => {
    const row = (minute: number, processId: number, processName: string, downloadBytes: number): string =>
      JSON.stringify({ time: `10:0${minute}`, processId, processName, startTime: '9:00', downloadBytes });
    const rows = [row(0, 1, 'old', 100), row(0, 2, 'idle', 70), row(1, 1, 'old', 150), row(1, 3, 'new', 30)];
    writeFileSync(inFolder('traffic.json'), [...rows, row(2, 2, 'idle', 70)].join('\n'));
    assert.equal(await shell(blocksOf('an-hour-to-csv.md')[2] ?? ''), '50 old\n30 new\n0 idle\n');
  });

  it('limits by the hour of the week', async () => {
    for (const block of blocksOf('limit-a-backup.md')) await shell(block);
    const limited = async (time: string): Promise<boolean> => {
      program('date', `exec /bin/date --date '${time}' "$@"`);
      await shell('./backup-limit');
      return (await mustSucceed('limit', 'list')).includes('/usr/bin/rsync');
    };
    const times = ['Mon 7:59', 'Mon 8:00', 'Fri 18:00', 'Fri 17:59', 'Sun 9:00'];
    const seen = [];
    for (const time of times) seen.push(await limited(time));
    assert.deepEqual(seen, [false, true, false, true, false]);
  });

  it('has units that systemd takes', async function () {
    if (!hasProgram('systemd-analyze')) this.skip();
    for (const block of blocksOf('limit-a-backup.md')) await shell(block);
    const units = ['service', 'timer'].map((kind) => inFolder(`backup-limit.${kind}`));
    runNow('systemd-analyze', 'verify', ...units);
    assert.equal(
      readFileSync(inFolder('systemctl'), 'utf8'),
      'enable --now backup-limit.timer\nstart backup-limit.service\n',
    );
  });
});
