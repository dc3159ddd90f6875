import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { cleanUp, onCleanUp } from '../support/cleanup.js';
import { start } from '../support/commands.js';
import { isRoot, skipWithout } from '../support/machine.js';
import { connections, list, netflow, startDriver } from './support/netflow.js';

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
  });

  it('connections says it for the connection', async () => {
    const [row] = await connections('--pid', pid());
    assert.deepEqual(
      { port: row?.remotePort, state: row?.state, up: row?.uploadBytes, down: row?.downloadBytes },
      { port, state: 'established', up: uploadBytes, down: downloadBytes },
    );
  });

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
