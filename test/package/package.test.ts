import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessTraffic } from '../../core/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = { name: 'consumer', version: '1.0.0', private: true, type: 'module' };

// What a package needs of a machine to be installed and run; above all, no compiler is among it.
const programs = ['node', 'npm', 'sh', 'env'];

describe('the package that npm pack makes', function () {
  this.timeout(180_000);
  let folder: string;
  let consumer: string;

  before('packs and installs it', () => {
    folder = mkdtempSync(join(tmpdir(), 'netflow-package-'));
    consumer = join(folder, 'consumer');
    mkdirSync(consumer);
    mkdirSync(join(folder, 'bin'));
    for (const program of programs) symlinkSync(find(program), join(folder, 'bin', program));
    writeFileSync(join(consumer, 'package.json'), JSON.stringify(manifest));
    run(process.execPath, [join(root, 'scripts/build-man.mjs')]);
    run(process.execPath, [npm(), 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root);
    run(process.execPath, [npm(), 'install', '--no-audit', '--no-fund', archive()], consumer, bare());
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the built driver and neither sources nor tests', () => {
    const files = run('tar', ['-tzf', archive()]).split('\n');
    assert.ok(files.includes('package/dist/driver/netflow.bpf.o'));
    assert.deepEqual(
      files.filter((file) => /\/test\/|\/scripts\/|\.c$|\.h$|(?<!\.d)\.ts$/.test(file)),
      [],
    );
  });

  it('has the manual, of which npm knows each page', () => {
    const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man: string[] };
    const pages = run('tar', ['-tzf', archive()]).match(/(?<=^package\/)dist\/man\/.*$/gm) ?? [];
    assert.deepEqual(pages.map((page) => `./${page}`).sort(), man);
    for (const page of man) assert.match(readFileSync(join(root, page), 'utf8'), /^\.SH "NAME"\n\\fBnetflow/m);
  });

  it('says its version', () => {
    assert.equal(netflow('--version').trim(), packageVersion());
  });

  it('counts what a process sends and receives, by its command and by its import', async () => {
    const program = `import { NetFlow } from 'netflow';
      const netflow = await NetFlow.open();
      console.log(JSON.stringify([(await netflow.driver.status()).version, await netflow.list({ pids: [${process.pid}] })]));`;
    const byCommand = () => JSON.parse(netflow('list', '--pid', String(process.pid), '--json')) as ProcessTraffic[];
    byCommand(); // starts the driver where it is not running
    const before = trafficOf(byCommand());
    await sendToOurselves(123_457);
    const after = trafficOf(byCommand());
    assert.deepEqual([after[0] - before[0], after[1] - before[1]], [123_457, 123_457]);
    const output = run(process.execPath, ['--input-type=module', '--eval', program], consumer, bare());
    const [version, rows] = JSON.parse(output) as [string, ProcessTraffic[]];
    assert.equal(version, packageVersion());
    assert.deepEqual(trafficOf(rows), after);
  });

  it('brings types that a strict project compiles with', () => {
    const source = `import { NetFlow, type ProcessTraffic } from 'netflow';
      const netflow: NetFlow = await NetFlow.open();
      const rows: ProcessTraffic[] = await netflow.list({ top: 1 });
      for await (const { totals } of netflow.watch({ count: 1 })) rows.length = totals.uploadBytes > 0 ? 1 : 0;`;
    writeFileSync(join(consumer, 'main.ts'), source);
    assert.equal(compile('main.ts', '--strict'), '');
  });

  it('brings types that are not just any', () => {
    writeFileSync(join(consumer, 'wrong.ts'), `import { NetFlow } from 'netflow'; const text: string = NetFlow;`);
    assert.match(compile('wrong.ts'), /not assignable to type 'string'/);
  });

  function archive(): string {
    return join(folder, `netflow-${packageVersion()}.tgz`);
  }

  /** What the compiler says. The types of Node.js are all that a project adds. */
  function compile(...args: string[]): string {
    const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
    const nodeTypes = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--noEmit', '--module', 'nodenext', '--target', 'es2023', '--lib', 'esnext', ...nodeTypes];
    return spawnSync(process.execPath, [compiler, ...options, ...args], { cwd: consumer, encoding: 'utf8' }).stdout;
  }

  function netflow(...args: string[]): string {
    return run(join(consumer, 'node_modules/.bin/netflow'), args, consumer, bare());
  }

  function bare(): NodeJS.ProcessEnv {
    const { HOME, npm_config_globalconfig } = process.env; // the machine's settings of npm, which say where packages are
    return { PATH: join(folder, 'bin'), HOME, npm_config_globalconfig };
  }
});

function run(program: string, args: readonly string[], cwd?: string, env = process.env): string {
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function find(program: string): string {
  return program === 'node' ? process.execPath : run('sh', ['-c', 'command -v "$1"', 'sh', program]).trim();
}

function npm(): string {
  const started = process.env['npm_execpath'];
  if (started?.endsWith('npm-cli.js')) return started;
  const link = find('npm');
  return join(dirname(link), readlinkSync(link));
}

function packageVersion(): string {
  return run(process.execPath, ['--print', 'require("./package.json").version'], root).trim();
}

async function sendToOurselves(bytes: number): Promise<void> {
  const server = createServer((socket) => socket.end(Buffer.alloc(bytes))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
  await once(client, 'close');
  server.close();
}

function trafficOf([row]: readonly ProcessTraffic[]): [number, number] {
  return [row?.uploadBytes ?? 0, row?.downloadBytes ?? 0];
}
