import assert from 'node:assert/strict';
import { NetFlowError } from '../../../core/index.js';
import { netflow } from '../../support/command-line.js';
import { connectionRecord, MemoryDriver, processRecord } from '../../support/memory-driver.js';

/** What the commands that read write on standard output, which is no terminal. */
describe('reading commands', () => {
  let driver: MemoryDriver;
  const run = (line: string) => netflow(line.split(' '), { driver });
  const written = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await run(line);
    assert.deepEqual([code, stderr], [0, ''], line);
    return stdout;
  };
  const parsed = async (line: string) => JSON.parse(await written(line)) as { processId: number }[];

  beforeEach(async () => {
    driver = new MemoryDriver();
    await driver.start();
    driver.processes = [
      processRecord({ processId: 7, name: 'sshd', uploadBytes: 1434, downloadSpeed: 2048 }),
      processRecord({ processId: 8, name: 'curl', user: 'nobody', downloadBytes: 12_897_485, downloadLimit: 4096 }),
      processRecord({ processId: 9, name: 'gone', uploadBytes: 1, exited: true }),
    ];
    driver.descriptions.set(8, { commandLine: "curl 'a b'", service: 'backup.service' });
    driver.connections = [
      connectionRecord({ processId: 8, uploadBytes: 100, downloadSpeed: 2048 }),
      connectionRecord({ processId: 7, processName: 'sshd', protocol: 'udp', state: '', remotePort: 0 }),
    ];
  });

  it('list writes a table, with a column for a limit where there is one', async () => {
    assert.deepEqual((await written('list')).split('\n'), [
      'PID  Name  User      Upload  Download       Up/s     Down/s  Down limit  Conns',
      '  8  curl  nobody       0 B   12.3 MB      0 B/s      0 B/s         4KB      1',
      '  7  sshd  root      1.4 KB       0 B      0 B/s   2.0 KB/s        none      1',
      '',
    ]);
    assert.match(await written('list --exited --pid 7 --pid 9'), /Exited\n +7 .* 1\n +9 .* yes\n$/);
  });

  it('list writes the command line, which may be long, behind all others', async () => {
    driver.descriptions.set(7, { commandLine: `sshd \x1b[2J${'x'.repeat(300)}`, service: null });
    const lines = (await written('list --wide')).trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^PID {2}Name {2}Path .* Conns {2}Service {9}Command line$/);
    assert.match(lines[1] ?? '', / curl {2}\/usr\/bin\/curl .* 1 {2}backup\.service {2}curl 'a b'$/);
    assert.ok(lines[2]?.endsWith(` sshd \ufffd[2J${'x'.repeat(300)}`));
  });

  it('list writes JSON and CSV', async () => {
    const [row] = await parsed('list --json --pid 8');
    assert.deepEqual(row, {
      ...{ processId: 8, processName: 'curl', path: '/usr/bin/curl', user: 'nobody' },
      ...{ startTime: '2026-01-02T03:03:05.000Z', uploadBytes: 0, downloadBytes: 12_897_485 },
      ...{ uploadSpeed: 0, downloadSpeed: 0, uploadLimit: null, downloadLimit: 4096, connections: 1, exited: false },
      ...{ commandLine: "curl 'a b'", service: 'backup.service' },
    });
    assert.match(
      await written('list --csv --pid 8'),
      /^ProcessId,[^\n]*\n8,curl,\/usr\/bin\/curl,nobody,2026-01-02T03:03:05\.000Z,0,12897485,0,0,,4096,1,false,curl 'a b',backup\.service\n$/,
    );
    driver.processes = [];
    assert.equal(await written('list --json'), '[]\n');
  });

  it('tell a person why a table has only a heading, and no program', async () => {
    driver.processes = driver.connections = [];
    for (const line of ['list', 'connections', 'limit list']) {
      const { stderr } = await netflow(line.split(' '), { driver, terminal: true });
      assert.match(stderr, /netflow: (none of these processes has|there (is|are) no) .*\n$/);
      assert.match(await written(line), /^.*\n$/);
    }
  });

  const chosen: [string, number[]][] = [
    ['list --json', [8, 7]],
    ['list --json --exited', [8, 7, 9]],
    ['list --json --sort processName', [8, 7]],
    ['list --json --sort UploadBytes --top 1', [7]],
    ['list --json --name S*', [7]],
    ['list --json --name curl --name ssh?', [8, 7]],
    ['list --json --pid 7 --pid 8', [8, 7]],
    ['connections --json', [8, 7]],
    ['connections --json --pid 7', [7]],
    ['connections --json --name cur?', [8]],
    ['connections --json --remote 192.0.2.0/24 --port 443 --state Established --protocol TCP', [8]],
    ['connections --json --sort processId --top 1', [7]],
  ];
  for (const [line, ids] of chosen) {
    it(`${line} has ${ids.join(', ')}`, async () => {
      assert.deepEqual(
        (await parsed(line)).map(({ processId }) => processId),
        ids,
      );
    });
  }

  it('connections writes a table, and CSV', async () => {
    assert.match(
      await written('connections --pid 8'),
      /^Proto +Local +Remote .*\ntcp +127\.0\.0\.1:50000 +192\.0\.2\.1:443 +established +8 +curl +100 B .* 2\.0 KB\/s\n$/,
    );
    assert.match(
      await written('connections --csv'),
      /^Protocol,.*\ntcp,127\.0\.0\.1,50000,192\.0\.2\.1,443,established,8,curl,100,0,0,2048\nudp,.*,0,,7,sshd,0,0,0,0\n$/,
    );
  });

  it('watch writes a record for each process and reading, with its time', async () => {
    const lines = (await written('watch --count 2 --interval 0.1 --json')).trim().split('\n');
    const time = '2026-01-02T03:04:05.678Z';
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as Record<string, unknown>).map((row) => [row['time'], row['processId']]),
      [8, 7, 8, 7].map((id) => [time, id]),
    );
    assert.match(
      await written('watch --count 2 --interval 0.1 --csv --pid 8'),
      /^Time,ProcessId,.*(\n2026-.*,8,curl,.*){2}\n$/,
    );
    assert.match(
      await written('watch --count 1 --top 1'),
      /^\d\d:\d\d:\d\d {2}up 0 B\/s \(1\.4 KB\) +down 2\.0 KB\/s \(12\.3 MB\) +on this machine\nshown .* 1 process\nPID .*\n +8 .*\n\n$/,
    );
  });

  it('an id that nobody has is said to be nobody', async () => {
    for (const command of ['list', 'connections', 'watch']) {
      const { code, stdout, stderr } = await run(`${command} --pid 4194304`);
      assert.deepEqual([code, stdout], [5, ''], command);
      assert.match(stderr, /^netflow: There is no process 4194304: [^\n]+\n$/);
    }
  });

  it('a name that nobody has is said to be nobody, and a watch waits for it', async () => {
    driver.names.set(12, ['cron']).set(8, ['dl.py', 'python3.11']);
    for (const command of ['list', 'connections']) {
      assert.match(await written(`${command} --name python3.11 --name dl.*`), / 8 /);
      await written(`${command} --name cron`);
      const { code, stdout, stderr } = await run(`${command} --name curl --name nosuch*`);
      assert.deepEqual([code, stdout], [5, ''], command);
      assert.match(stderr, /^netflow: There is no process named nosuch\*: [^\n]+\n$/);
    }
    await written('watch --count 1 --name nosuch');
  });

  it('a reading that starts the driver says that counts begin', async () => {
    for (const command of ['list', 'connections', 'watch --count 1']) {
      await driver.stop();
      const { code, stderr } = await run(command);
      assert.deepEqual([code, stderr], [0, 'netflow: The driver did not run before: it counts from now on.\n']);
    }
  });

  it('what the driver warns of is said in one line, and is no error', async () => {
    await driver.stop();
    driver.warnings = ['limits are\nnot in force \x1b[31m'];
    const { code, stderr } = await run('list --json');
    assert.deepEqual(
      [code, stderr],
      [
        0,
        'netflow: limits are\ufffdnot in force \ufffd[31m\nnetflow: The driver did not run before: it counts from now on.\n',
      ],
    );
  });

  it('what the driver throws is one line, and an exit code', async () => {
    driver.fail('readConnections', new NetFlowError('NOT_PERMITTED', 'no\nway'));
    assert.deepEqual(await run('connections'), { code: 4, stdout: '', stderr: 'netflow: no way\n' });
    driver.fail('start', new NetFlowError('DRIVER_UNAVAILABLE', 'no BTF'));
    await driver.stop();
    assert.deepEqual(await run('list'), { code: 3, stdout: '', stderr: 'netflow: no BTF\n' });
  });

  it('watch ends when the driver is stopped, and leaves it so', async () => {
    const read = driver.read.bind(driver);
    driver.read = async (what) => {
      const reading = await read(what);
      await driver.stop();
      return reading;
    };
    const { code, stdout, stderr } = await run('watch --interval 0.1 --count 3 --csv');
    assert.deepEqual([code, stdout.split('\n').length, driver.isRunning()], [3, 4, false]);
    assert.match(stderr, /^netflow: The driver is not running \(netflow driver start\)\n$/);
  });

  it('completion offers what runs, and starts nothing', async () => {
    const offered = async (option: string) =>
      (await written(`completion --complete bash list ${option} `))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')[0]);
    await driver.stop();
    driver.calls.length = 0;
    assert.deepEqual(await offered('--pid'), []);
    assert.deepEqual(driver.calls, ['status']);
    await driver.start();
    driver.processes.push(
      processRecord({ processId: 10, name: 'zwei Wörter', uploadBytes: 1 }),
      processRecord({ processId: 11, name: 'kworker/0', path: null, uploadBytes: 1 }),
    );
    assert.deepEqual(await offered('--pid'), ['8', '7', '10']);
    assert.deepEqual(await offered('--name'), ['curl', 'sshd', 'zwei Wörter']);
    assert.deepEqual(await offered('--path'), ['/usr/bin/curl']);
    driver.fail('read', new Error('broken'));
    assert.deepEqual(await offered('--name'), []);
  });
});
