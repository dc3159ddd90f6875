import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NetFlow } from '../../core/index.js';
import { Engine } from './support/engine.js';
import { endProcesses, limits, list, mustSucceed, netflow, program, startProcess } from './support/netflow.js';

const tool = String.raw`C:\Tools\tool.exe`;
const kernelTool = String.raw`\Device\HarddiskVolume1\tools\TOOL.EXE`;
const slow = '16KB';
const slowBytes = 16 * 1024;

describe('limits, from the driver by Windows’ Node.js', () => {
  let engine: Engine;
  let folder = '';

  before(async () => {
    await mustSucceed('driver', 'start');
    engine = new Engine();
    folder = mkdtempSync(join(tmpdir(), 'netflow-limits-'));
  });
  afterEach(async () => {
    const policy = join(folder, 'empty.csv');
    writeFileSync(policy, 'Path,Upload,Download,Shared\n');
    await mustSucceed('policy', 'apply', policy);
    await netflow('limit', 'remove', '--all');
    assert.deepEqual(await limits(), []);
  });
  after(async () => {
    engine[Symbol.dispose]();
    rmSync(folder, { recursive: true });
    await endProcesses();
    await mustSucceed('driver', 'stop');
  });

  const send = (flow: number, segments: number) => engine.segments(flow, false, 1000, segments);
  const delivered = (flow: number) => engine.deliveries(flow, false).packets;
  const settled = async (flow: number, packets: number) => {
    for (let wait = 0; wait < 500 && delivered(flow) < packets; wait++) await setTimeout(20);
    assert.equal(delivered(flow), packets);
  };

  it('of a path hold its processes, whatever case its letters have, and let go when they are removed', async () => {
    const { pid } = startProcess();
    const early = engine.openFlow({ transport: 6, processId: pid, path: kernelTool });
    await program.mustSucceed('limit', 'set', '--path', tool, '--upload', slow);
    const late = engine.openFlow({ transport: 6, processId: pid, path: kernelTool });
    assert.deepEqual(await program.limits(), [
      {
        target: 'path',
        processId: null,
        path: tool,
        uploadLimit: slowBytes,
        downloadLimit: null,
        shared: false,
        source: 'local',
        processes: 1,
      },
    ]);
    const [row] = await list('--pid', pid, '--exited');
    assert.deepEqual([row?.uploadLimit ?? null, row?.downloadLimit ?? null], [slowBytes, null]);

    const packets = 25; // a limit lets 64 KB wait, and what is more is lost, as in any queue
    assert.equal(send(early, packets) + send(late, packets), 2 * packets);
    const held = engine.state().pendingPackets;
    assert.ok(held > packets, `${held} packets wait, of ${2 * packets}`);
    await program.mustSucceed('limit', 'remove', '--path', tool.toUpperCase());
    await settled(early, packets);
    await settled(late, packets);
    assert.deepEqual([engine.state().pendingPackets, engine.packets().lost], [0, 0]);
    engine.closeFlow(early);
    engine.closeFlow(late);
    engine.processEnded(pid);
  });

  it('of a process come before its path’s, and end with it', async () => {
    const { pid } = startProcess();
    const flow = engine.openFlow({ transport: 6, processId: pid, path: kernelTool });
    await mustSucceed('limit', 'set', '--path', tool, '--upload', '2MB');
    await mustSucceed('limit', 'set', '--pid', pid, '--upload', '1MB', '--download', '3MB');
    await mustSucceed('limit', 'set', '--pid', pid, '--download', '4MB');
    const [row] = await list('--pid', pid);
    assert.deepEqual([row?.uploadLimit, row?.downloadLimit], [1 << 20, 4 << 20]);
    assert.deepEqual(
      (await limits()).map(({ target, processId, processes }) => [target, processId, processes]),
      [
        ['process', pid, 1],
        ['path', null, 0],
      ],
    );
    engine.processEnded(pid); // Wine notifies no driver
    assert.deepEqual(
      (await limits()).map(({ target, processes }) => [target, processes]),
      [['path', 0]],
    );
    engine.closeFlow(flow);
  });

  it('of paths outlive a stop of the driver, and can be changed meanwhile', async () => {
    await mustSucceed('limit', 'set', '--path', tool, '--upload', '1MB', '--shared');
    const before = await limits();
    await mustSucceed('driver', 'stop');
    assert.deepEqual(await limits(), before);
    await mustSucceed('limit', 'remove', '--path', tool);
    assert.deepEqual(await limits(), []);
    writeFileSync(join(folder, 'rules.csv'), `Path,Upload,Download,Shared\n${tool},1MB,,true\n`);
    await mustSucceed('driver', 'start');
    await program.mustSucceed('policy', 'apply', join(folder, 'rules.csv'));
    await mustSucceed('driver', 'stop');
    await mustSucceed('driver', 'start');
    assert.deepEqual(await limits(), [{ ...before[0], source: 'policy' }]);
  });

  it('of the registry’s policy are applied, all or nothing, where the administrative template has them written', async () => {
    const { settings, name, key, enabled, disabled } = readTemplate();
    const add = (...args: string[]) =>
      assert.equal(spawnSync('reg.exe', ['add', ...args, '/f'], { stdio: 'ignore' }).status, 0);
    const set = (path: string, text: string) => add(key, '/v', path, '/d', text);
    const enable = (value: string) => add(settings, '/v', name, '/t', 'REG_DWORD', '/d', value);
    const remove = (what = settings) => spawnSync('reg.exe', ['delete', what, '/f'], { stdio: 'ignore' });
    await using netflow = await NetFlow.open();
    remove(); // of a run that was ended
    assert.deepEqual(await netflow.policy.update(), [], 'not configured');
    try {
      set(tool, 'upload=1MB; download=10mbit;shared');
      set(String.raw`C:\ü\b.exe`, 'Upload=2MB');
      assert.equal((await netflow.policy.update()).length, 2);
      assert.deepEqual(
        (await limits()).map(({ path, uploadLimit, downloadLimit, shared, source }) => [
          path,
          uploadLimit,
          downloadLimit,
          shared,
          source,
        ]),
        [
          [tool, 1 << 20, 1_250_000, true, 'policy'],
          [String.raw`C:\ü\b.exe`, 2 << 20, null, false, 'policy'],
        ],
      );
      for (const text of ['upload=1Mbps', 'up=1MB', 'upload', 'upload=1MB;upload=2MB', '']) {
        set(String.raw`C:\c.exe`, text);
        await assert.rejects(netflow.policy.update(), /Limits, value "C:\\\\c\.exe": /u);
      }
      assert.equal((await limits()).length, 2);
      enable(disabled);
      assert.equal((await netflow.policy.update()).length, 2, 'disabled');
      assert.deepEqual(await limits(), []);
      enable(enabled);
      remove(key);
      assert.deepEqual(await netflow.policy.update(), [], 'enabled, with an empty list');
      set(tool, 'upload=1MB');
      assert.equal((await netflow.policy.update()).length, 1);
      remove();
      assert.equal((await netflow.policy.update()).length, 1, 'no longer configured');
      assert.deepEqual(await limits(), []);
    } finally {
      remove();
    }
  });

  it('say so where the filtering engine is busy, and are in force when it no longer is', async () => {
    const outboundTransportV4 = 16;
    const filters = () => engine.filters(outboundTransportV4);
    engine.delayTransactions(7000);
    const { code, stderr } = await netflow('limit', 'set', '--path', tool, '--upload', '1MB');
    engine.delayTransactions(0);
    assert.deepEqual([code, /saved, but not in force yet.*BFE/u.test(stderr)], [1, true], stderr);
    assert.equal((await limits()).length, 1);
    for (let wait = 0; wait < 500 && filters() === 0; wait++) await setTimeout(20);
    assert.equal(filters(), 1);
  });

  it('are refused with one line for a process that is not there and for the kernel, and change nothing', async () => {
    for (const [pid, expected] of [
      [4_000_000, 5],
      [4, 2],
    ] as const) {
      const { code, stdout, stderr } = await program.netflow('limit', 'set', '--pid', pid, '--upload', '1MB');
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [expected, '', 1], stderr);
    }
    assert.deepEqual(await limits(), []);
  });
});

/**
 * What Group Policy writes by the template: the value that says whether the policy is enabled, and the key of its list.
 */
function readTemplate(): { settings: string; name: string; key: string; enabled: string; disabled: string } {
  const file = fileURLToPath(new URL('../../../psmodule/policy/NetFlow.admx', import.meta.url));
  const template = readFileSync(file, 'utf8');
  const attribute = (element: string, name: string) => {
    const [, value] = new RegExp(`<${element}[^>]*\\s${name}="([^"]+)"`, 'u').exec(template) ?? [];
    assert.ok(value !== undefined, `${element} has ${name}`);
    return value;
  };
  return {
    settings: `HKLM\\${attribute('policy', 'key')}`,
    name: attribute('policy', 'valueName'),
    key: `HKLM\\${attribute('list', 'key')}`,
    enabled: attribute('enabledValue>\\s*<decimal', 'value'),
    disabled: attribute('disabledValue>\\s*<decimal', 'value'),
  };
}
