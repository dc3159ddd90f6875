import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { ProcessTraffic } from '../../core/index.js';
import { cleanUp, onCleanUp } from '../support/cleanup.js';
import { ended, hasProgram, run, runNow, start, until } from '../support/commands.js';
import { isRoot, skipWithout } from '../support/machine.js';
import { connections, list, mustSucceed, netflow, startDriver, startNetflow } from './support/netflow.js';
import { entry } from '../support/paths.js';

const uploadBytes = 3_000_017;
const downloadBytes = 1_000_003;

describe('command line', function () {
  this.timeout(60_000);
  let port = 0;
  let client: ChildProcess;

  before(async function () {
    if (!isRoot()) skipWithout(this, 'only root may load a driver');
    await startDriver();
    port = await servePort();
    client = start(process.execPath, ['-e', clientScript(port, 'stay')], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => client.stdout?.once('data', resolve));
  });
  after(cleanUp);

  const pid = () => client.pid ?? assert.fail('the client does not run');

  it('list says what a process sent and received', async () => {
    const [row] = await list('--pid', pid());
    assert.deepEqual({ up: row?.uploadBytes, down: row?.downloadBytes }, { up: uploadBytes, down: downloadBytes });
    const csv = await mustSucceed('list', '--csv', '--pid', pid());
    assert.match(csv, new RegExp(`^ProcessId,.*\\n${pid()},node,[^\\n]*,${uploadBytes},${downloadBytes},[^\\n]*\\n$`));
    assert.match(await mustSucceed('list', '--pid', pid()), /^ *PID +Name .*\n *\d+ +node +root +2\.9 MB +977 KB /);
  });

  it('connections says it for the connection', async () => {
    const [row] = await connections('--pid', pid());
    assert.deepEqual(
      { port: row?.remotePort, state: row?.state, up: row?.uploadBytes, down: row?.downloadBytes },
      { port, state: 'established', up: uploadBytes, down: downloadBytes },
    );
  });

  it('watch writes a record for each process and reading', async () => {
    const lines = (await mustSucceed('watch', '--count', '2', '--interval', '0.1', '--json', '--pid', pid())).split(
      '\n',
    );
    const records = lines.slice(0, -1).map((line) => JSON.parse(line) as ProcessTraffic & { time: string });
    assert.deepEqual(
      records.map((record) => record.uploadBytes),
      [uploadBytes, uploadBytes],
    );
    assert.ok(Date.parse(records[0]?.time ?? '') < Date.parse(records[1]?.time ?? ''));
    const csv = await mustSucceed('watch', '--count', '2', '--interval', '0.1', '--csv', '--pid', pid());
    assert.match(csv, /^Time,ProcessId,.*\n\d{4}-.*\n\d{4}-.*\n$/);
    assert.match(await mustSucceed('watch', '--count', '1'), /^\d\d:\d\d:\d\d {2}up .*\n *PID /);
  });

  for (const format of ['--json', '--csv']) {
    it(`watch ${format} ends quietly after whole lines on Ctrl+C`, async () => {
      const child = startNetflow('watch', '--interval', '0.1', format, '--pid', String(pid()));
      let [said, complained] = ['', ''];
      child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
      child.stderr?.on('data', (data: Buffer) => (complained += data.toString()));
      await until('three records', () => said.split('\n').length > 4);
      child.kill('SIGINT');
      assert.deepEqual([await ended(child), complained, said.at(-1)], [0, '', '\n']);
    });
  }

  it('measure gives the output, the exit code and the bytes of its command', async () => {
    const command = [process.execPath, '-e', `${clientScript(port, 'end')} process.exitCode = 7`];
    const { stdout, stderr, code } = await netflow('measure', '--', ...command);
    assert.deepEqual([stdout, code], ['done\n', 7]);
    assert.match(stderr, /^netflow: .* sent 2\.9 MB \(.*\/s\) and received 977 KB .*, 1 process, exit code 7\n$/);

    const json = await netflow('measure', '--json', '--', ...command);
    const [own, ...measured] = json.stdout.split('\n');
    const result = JSON.parse(measured.join('\n')) as Record<string, number>;
    assert.deepEqual([own, json.code, json.stderr], ['done', 7, '']);
    assert.deepEqual(
      [result['uploadBytes'], result['downloadBytes'], result['exitCode']],
      [uploadBytes, downloadBytes, 7],
    );
  });

  it('measure passes a signal on to its command and still says what it transferred', async () => {
    const child = startNetflow('measure', '--', 'bash', '-c', 'trap "exit 9" TERM; echo ready; sleep 30 & wait');
    let complained = '';
    child.stderr?.on('data', (data: Buffer) => (complained += data.toString()));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended(child), 9);
    assert.match(complained, /exit code 9\n$/);
  });

  it('no such process is exit code 5, no such command is told', async () => {
    const { stdout, stderr, code } = await netflow('list', '--pid', 4_194_304);
    assert.deepEqual([stdout, code], ['', 5]);
    assert.match(stderr, /^netflow: .*4194304.*\n$/);
    const missing = await netflow('measure', '--', 'no-such-command');
    assert.match(missing.stderr, /^netflow: .*no-such-command.*\n$/);
    assert.notEqual(missing.code, 0);
  });

  for (const command of [
    'list',
    'list --json',
    'list --csv',
    'connections',
    'watch --json --interval 0.1',
    'watch --interval 0.1',
  ]) {
    it(`${command} | head -1 ends quietly`, async () => {
      const script = `"$@" ${command} | head -1 >&2; echo "\${PIPESTATUS[*]}"`;
      const { stdout, stderr } = await run('bash', ['-c', script, 'bash', process.execPath, entry]);
      assert.equal(stdout, '0 0\n');
      assert.match(stderr, /^[^\n]+\n$/);
    });
  }

  it('a full disk is an error', async () => {
    const { stderr, code } = await run('bash', ['-c', '"$@" list --json > /dev/full', 'bash', process.execPath, entry]);
    assert.equal(code, 1);
    assert.match(stderr, /^netflow: cannot write to standard output: ENOSPC.*\n$/);
  });

  it('completes --pid and --name with what runs', async () => {
    const offered = async (...line: string[]) =>
      (await mustSucceed('--get-yargs-completions', 'netflow', ...line)).split('\n');
    assert.ok((await offered('list', '--pid', '')).includes(String(pid())));
    assert.ok((await offered('list', '--name', 'no')).includes('node'));
  });

  it('colours only a terminal, and never with NO_COLOR', async function () {
    if (!hasProgram('script')) skipWithout(this, 'script, of util-linux or bsdutils, is not installed');
    const onTerminal = (environment: string) =>
      runNow('script', '-qec', `env ${environment} TERM=xterm-256color ${process.execPath} ${entry} list`, '/dev/null');
    assert.match(onTerminal('-u NO_COLOR -u CI'), /\x1b\[1m/);
    assert.doesNotMatch(onTerminal('NO_COLOR=1'), /\x1b/);
    assert.doesNotMatch(await mustSucceed('list'), /\x1b/);
  });
});

/** Takes and sends a fixed number of bytes on each connection. */
async function servePort(): Promise<number> {
  const server: Server = createServer((socket) => {
    let received = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      received += data.length;
      if (received === uploadBytes) socket.write(Buffer.alloc(downloadBytes));
    });
  });
  onCleanUp(() => server.close().unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A program that says "done" once it has sent and received all, and then ends or stays connected. */
function clientScript(port: number, afterwards: 'end' | 'stay'): string {
  return `
    let left = ${downloadBytes};
    const socket = require('node:net').connect(${port}, '127.0.0.1', () => socket.write(Buffer.alloc(${uploadBytes})));
    socket.on('data', (data) => {
      left -= data.length;
      if (left > 0) return;
      console.log('done');
      if (${afterwards === 'end'}) socket.destroy();
    });`;
}
