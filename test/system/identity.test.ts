import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, realpathSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPieces } from '../../core/driver/linux/readers.js';
import { cgroupRoot } from '../../core/driver/linux/requirements.js';
import type { ProcessTraffic } from '../../core/index.js';
import { onCleanUp } from '../support/cleanup.js';
import { clientPath } from './support/clients.js';
import { ended, runNow, start, until } from '../support/commands.js';
import { skipWithout } from '../support/machine.js';
import { asRoot, list, startDriver } from './support/netflow.js';
import { temporaryFolder } from '../support/paths.js';
import { Peer } from './support/peer.js';

const nobody = 65_534;

describe('every process is named', () => {
  let folder = '';
  let sink: Peer;
  let port = 0;
  let earlier: Peer;

  asRoot(async () => {
    earlier = new Peer('datagram', { args: ['from', 'before'] });
    await earlier.do('bind', '127.0.0.1');
    await startDriver();
    folder = realpathSync(temporaryFolder());
    chmodSync(folder, 0o755);
    sink = new Peer('datagram');
    port = (await sink.do('bind', '127.0.0.1')).port ?? 0;
  });

  /** Runs a program to its end and returns the records that NetFlow keeps of it. */
  async function recordsOf(command: readonly string[], options: { uid?: number } = {}): Promise<ProcessTraffic[]> {
    const [file = '', ...args] = command;
    const child = start(file, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    assert.equal(await ended(child), 0);
    const rows = await list({ exited: true });
    return rows.filter(({ processId, exited }) => exited && processId === child.pid);
  }

  /** The arguments of a program that sends to the sink. */
  function target(...bytes: readonly number[]): string[] {
    return ['127.0.0.1', String(port), ...bytes.map(String)];
  }

  /** A copy of a client under a path of its own. */
  function copy(name: string, ...path: readonly string[]): string {
    const file = join(folder, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    copyFileSync(clientPath(name), file);
    chmodSync(file, 0o755);
    return file;
  }

  async function assertOne(command: readonly string[], expected: Partial<ProcessTraffic>, options = {}): Promise<void> {
    const rows = await recordsOf(command, options);
    assert.equal(rows.length, 1, `${rows.length} records`);
    const [row] = rows;
    assert.deepEqual({ ...row, ...expected }, row);
  }

  it('with path, user, start time and bytes after a life of five milliseconds', async () => {
    const earliest = Date.now();
    const rows = await recordsOf([clientPath('brief'), ...target(1234)]);
    const latest = Date.now();
    assert.equal(rows.length, 1);
    const [row] = rows;
    assert.ok(row);
    const { startTime, processName, path, user, uploadBytes, downloadBytes, exited, connections } = row;
    assert.deepEqual(
      { processName, path, user, uploadBytes, downloadBytes, exited, connections },
      {
        processName: 'brief',
        path: realpathSync(clientPath('brief')),
        user: 'root',
        uploadBytes: 1234,
        downloadBytes: 0,
        exited: true,
        connections: 0,
      },
    );
    assert.match(startTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const time = Date.parse(startTime);
    assert.ok(time >= earliest - 1 && time <= latest, `${startTime} is not when it started`);
  });

  it('with its user, where that is not root', async () => {
    await assertOne([copy('brief', 'as-nobody'), ...target(11)], { user: 'nobody', uploadBytes: 11 }, { uid: nobody });
  });

  it('once, where it changes its user on the way', async () => {
    const [address, number, first] = target(21);
    const command = [
      copy('image', 'changes-user'),
      'user',
      address ?? '',
      number ?? '',
      first ?? '',
      String(nobody),
      '22',
    ];
    await assertOne(command, { uploadBytes: 43, user: 'nobody' });
  });

  it('as a new process after an exec, with the bytes from then on', async () => {
    const [image, brief] = [copy('image', 'first-image'), copy('brief', 'second-image')];
    const rows = await recordsOf([image, 'exec', ...target(31), brief, '32']);
    assert.deepEqual(byPath(rows), [
      [image, 31],
      [brief, 32],
    ]);
  });

  it('as a new process after an exec by another thread than the first', async () => {
    const [image, brief] = [copy('image', 'threaded-image'), copy('brief', 'threaded-target')];
    const rows = await recordsOf([image, 'thread', ...target(41), brief, '42']);
    assert.deepEqual(byPath(rows), [
      [image, 41],
      [brief, 42],
    ]);
  });

  it('once, and as ended, after an exec that fails when nothing can be undone any more', async () => {
    const broken = copy('brief', 'broken');
    spoilProgramHeader(broken);
    const child = start(clientPath('halfexec'), [broken, '1234']);
    assert.equal(await ended(child), 'SIGSEGV');
    assert.deepEqual(trafficOfAll(await list(), child.pid), []);
    assert.deepEqual(trafficOfAll(await list({ exited: true }), child.pid), [{ uploadBytes: 1_234, exited: true }]);
  });

  it('without a path where it runs from memory', async () => {
    const image = copy('image', 'to-memory');
    const rows = await recordsOf([image, 'memory', ...target(51), clientPath('brief'), '52']);
    assert.deepEqual(byPath(rows), [
      [image, 51],
      [null, 52],
    ]);
    assert.notEqual(rows.find(({ path }) => path === null)?.processName, '');
  });

  it('by the path that its deleted file had', async () => {
    const image = copy('image', 'deletes itself');
    await assertOne([image, 'delete', ...target(61)], { path: image, processName: 'deletes itself', uploadBytes: 61 });
  });

  for (const name of [
    'with space',
    'größe-ναι-日本',
    'new\nline',
    'quote"and\\backslash',
    '-',
    `long-${'x'.repeat(200)}`,
  ]) {
    it(`by the name ${JSON.stringify(name.slice(0, 30))}`, async () => {
      const file = copy('brief', 'names', name);
      await assertOne([file, ...target(71)], { path: file, uploadBytes: 71 });
    });
  }

  it('by a path of many folders', async () => {
    const file = copy('brief', ...Array.from({ length: 30 }, (_, index) => `level-${index}`), 'deep');
    await assertOne([file, ...target(72)], { path: file, uploadBytes: 72 });
  });

  it('by its path outside, where it runs in another root', async () => {
    const file = copy('brief', 'root', 'bin', 'inside');
    await assertOne(['chroot', join(folder, 'root'), '/bin/inside', ...target(81)], { path: file, uploadBytes: 81 });
  });

  it('by its path in an overlay', async function () {
    const layers = ['lower', 'upper', 'work', 'merged'].map((name) => join(folder, 'overlay', name));
    const [lower = '', upper = '', work = '', merged = ''] = layers;
    copy('brief', 'overlay', 'lower', 'layered');
    for (const layer of layers) mkdirSync(layer, { recursive: true });
    /* A file system of its own: an overlay may not lie on another overlay. */
    try {
      runNow('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, merged);
    } catch (error) {
      skipWithout(this, `no overlay here: ${String(error)}`);
    }
    onCleanUp(() => runNow('umount', merged));
    const file = join(merged, 'layered');
    await assertOne([file, ...target(91)], { path: file, uploadBytes: 91 });
  });

  it('with its whole command line while it lives, and the beginning once it has ended', async () => {
    const words = ["it's", '', 'größe', 'x'.repeat(300)];
    const peer = new Peer('datagram', { args: words });
    await peer.do('connect', '127.0.0.1', port);
    const beginning = `${clientPath('datagram')} 'it'\\''s' '' größe `;
    const lineOf = async () =>
      (await list({ exited: true })).find(({ processId }) => processId === peer.pid)?.commandLine;
    assert.equal(await lineOf(), beginning + 'x'.repeat(300)); // this reading gives it its place in the driver's table
    await peer.do('send', 'send', 1, 82);
    await peer.end();
    const room = 256 - Buffer.byteLength([clientPath('datagram'), ...words.slice(0, 3), ''].join('\0'));
    assert.equal(await lineOf(), `${beginning}${'x'.repeat(room)}…`);
  });

  it('with its command line, where it began before the driver', async () => {
    await earlier.do('connect', '127.0.0.1', port);
    await earlier.do('send', 'send', 1, 83);
    await earlier.end();
    const row = (await list({ exited: true })).find(({ processId }) => processId === earlier.pid);
    assert.deepEqual([row?.uploadBytes, row?.commandLine], [83, `${clientPath('datagram')} from before`]);
  });

  it('with its command line, where only the agent has seen it before its first byte', async () => {
    const peer = new Peer('datagram', { args: ['holder'] });
    await peer.do('bind', '127.0.0.1');
    readPieces('connections', () => undefined);
    await peer.do('connect', '127.0.0.1', port);
    await peer.do('send', 'send', 1, 85);
    await peer.end();
    const row = (await list({ exited: true })).find(({ processId }) => processId === peer.pid);
    assert.equal(row?.commandLine, `${clientPath('datagram')} holder`);
  });

  it('with the unit that its cgroup is part of', async () => {
    const slice = join(cgroupRoot() ?? assert.fail(), `netflow${process.pid}.slice`);
    const folders = [slice, join(slice, '_test@1.service'), join(slice, '_test@1.service', 'payload.scope')];
    for (const each of folders) mkdirSync(each);
    onCleanUp(() => folders.toReversed().forEach((each) => rmdirSync(each)));
    const enter = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"';
    const inUnit = (...command: string[]) => ['/bin/sh', '-c', enter, 'sh', folders.at(-1) ?? '', ...command];
    await assertOne(inUnit(clientPath('brief'), ...target(84)), { service: 'test@1.service', uploadBytes: 84 });
    const [file = '', ...args] = inUnit(process.execPath, '-e', 'net.createServer().listen()');
    const living = start(file, args);
    await until('it listens', async () =>
      (await list()).some(({ processId, service }) => processId === living.pid && service === 'test@1.service'),
    );
    living.kill();
    await ended(living);
  });

  it('by its interpreter, where it is a script', async () => {
    const script = join(folder, 'script.sh');
    writeFileSync(script, `#!/bin/bash\nprintf '%0101d' 0 > /dev/udp/127.0.0.1/${port}\n`, { mode: 0o755 });
    await assertOne([script], { path: realpathSync('/bin/bash'), uploadBytes: 101 });
  });

  it('apart from an earlier process with the same id', async () => {
    const image = copy('image', 'reuses-id');
    const child = start(image, ['twice', ...target(111), '112'], { stdio: ['ignore', 'ignore', 'inherit'] });
    assert.equal(await ended(child), 0);
    const rows = (await list({ exited: true })).filter(({ path }) => path === image);
    assert.deepEqual(rows.map(({ uploadBytes }) => uploadBytes).sort(), [111, 112]);
    assert.equal(new Set(rows.map(({ processId }) => processId)).size, 1);
    assert.equal(new Set(rows.map(({ startTime }) => startTime)).size, 2);
  });
});

/** Path and bytes of each record, the one with fewer bytes first. */
function byPath(rows: readonly ProcessTraffic[]): [string | null, number][] {
  return rows
    .map(({ path, uploadBytes }): [string | null, number] => [path, uploadBytes])
    .sort(([, first], [, second]) => first - second);
}

/** Gives the first part that is loaded more bytes in the file than in memory, which the kernel checks late. */
function spoilProgramHeader(file: string): void {
  const bytes = readFileSync(file);
  const load = 1;
  const size = 56;
  let header = Number(bytes.readBigUInt64LE(32));
  while (bytes.readUInt32LE(header) !== load) header += size;
  bytes.writeBigUInt64LE(1n, header + 40);
  writeFileSync(file, bytes);
}

function trafficOfAll(rows: readonly ProcessTraffic[], pid: number | undefined) {
  return rows.filter(({ processId }) => processId === pid).map(({ uploadBytes, exited }) => ({ uploadBytes, exited }));
}
