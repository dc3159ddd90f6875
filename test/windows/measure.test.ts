import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetFlow, type Measurement } from '../../core/index.js';
import { until } from '../support/commands.js';
import { Engine, streamFlag } from './support/engine.js';
import { mustSucceed, program } from './support/netflow.js';

const path = String.raw`\Device\HarddiskVolume1\Tools\curl.exe`;

/** Has a child, and ends with it once there is a file `go`. */
const family = String.raw`
  const { spawn } = require('node:child_process');
  const { existsSync, writeFileSync } = require('node:fs');
  const folder = process.argv[1];
  const wait = 'setInterval(() => require("node:fs").existsSync(process.argv[1]) && process.exit(), 20)';
  const child = spawn(process.execPath, ['-e', wait, folder + '/go'], { stdio: 'ignore' });
  writeFileSync(folder + '/child', String(child.pid));
  child.once('exit', () => process.exit(7));
`;

describe('a measurement, by a job of Windows', () => {
  let engine: Engine;
  let folder = '';

  before(async () => {
    await mustSucceed('driver', 'start');
    engine = new Engine();
    folder = mkdtempSync(join(tmpdir(), 'netflow-'));
  });
  after(async () => {
    engine[Symbol.dispose]();
    rmSync(folder, { recursive: true });
    await mustSucceed('driver', 'stop');
  });

  it('is the sum of a command and its children, and of nobody else', async () => {
    await using netflow = await NetFlow.open();
    let command = 0;
    const result: Promise<Measurement> = netflow.measure(process.execPath, ['-e', family, folder], {
      stdio: 'ignore',
      onStart: (processId) => {
        command = processId;
      },
    });
    const child = join(folder, 'child');
    await until('the command has a child', () => Number(read(child)) > 0);
    const flows = [command, Number(read(child)), process.pid].map((processId) =>
      engine.openFlow({ transport: 6, processId, path }),
    );
    for (const [index, bytes] of [1000, 20_000, 300_000].entries()) {
      engine.stream(flows[index] ?? 0, streamFlag.send, bytes);
      engine.stream(flows[index] ?? 0, streamFlag.receive, bytes, 2);
    }
    await netflow.list(); // has the driver ask who they are while they live: Wine notifies no driver of a process's end
    writeFileSync(join(folder, 'go'), '');
    const { exitCode, processes, uploadBytes, downloadBytes } = await result;
    assert.deepEqual([exitCode, processes, uploadBytes, downloadBytes], [7, 2, 21_000, 42_000]);
    for (const flow of flows) engine.closeFlow(flow);
  });

  it('gives the command’s exit code, and says which command there is not', async () => {
    const { code, stdout } = await program.netflow(
      'measure',
      '--json',
      '--',
      process.execPath,
      '-e',
      'process.exit(3)',
    );
    const { exitCode, processes, uploadBytes } = JSON.parse(stdout) as Measurement;
    assert.deepEqual([code, exitCode, processes, uploadBytes], [3, 3, 1, 0]);
    const nothing = await program.netflow('measure', '--', 'no-such-command');
    assert.deepEqual([nothing.code, nothing.stderr.trim().split('\n').length], [127, 1], nothing.stderr);
  });
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
