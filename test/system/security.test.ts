import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import type { DriverStatus } from '../../core/index.js';
import { ended, run, start, until } from '../support/commands.js';
import { onCleanUp } from '../support/cleanup.js';
import { isRoot, skipWithout } from '../support/machine.js';
import { entry, temporaryFolder } from '../support/paths.js';
import { startedAgent } from './support/agent.js';
import { limit, removeLimits, startWithoutLimits } from './support/limits.js';
import { asRoot, startDriver, stopDriver } from './support/netflow.js';

const command = `timeout 20 '${process.execPath}' '${entry}'`;

describe('what others have prepared', () => {
  before(function () {
    if (!isRoot()) skipWithout(this, 'only root may mount');
  });

  /** In mounts of its own. */
  async function alone(script: string): Promise<{ stdout: string; stderr: string; code: number }> {
    return run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script]);
  }
  const asNobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups';

  for (const [what, script] of [
    [
      'a folder with links to FIFOs',
      `mkfifo -m 666 $0/pipe && for name in connections processes statistics tasks; do ${asNobody} ln -s $0/pipe netflow/$name; done`,
    ],
    ['an empty folder', ''],
  ] as const) {
    it(`in an open bpffs, ${what}, is no driver`, async () => {
      const prepare = `mount -t bpf -o mode=1777 none /sys/fs/bpf && cd /sys/fs/bpf && ${asNobody} mkdir netflow`;
      for (const words of ['list', 'driver start']) {
        const fill = script.replaceAll('$0', temporaryFolder());
        const { stdout, stderr, code } = await alone(`${prepare}\n${fill}\n${command} ${words}`);
        assert.equal(code, 3, stderr);
        assert.match(stderr, /^netflow: [^\n]*bpffs \(\/sys\/fs\/bpf\/netflow is not root's own[^\n]*\n$/u);
        assert.equal(stdout, '');
      }
    });
  }

  it("a user's own bpffs is refused", async () => {
    const { stderr, code } = await alone(`mount -t bpf -o uid=65534 none /sys/fs/bpf && ${command} driver start`);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /\/sys\/fs\/bpf can be changed by others than root/u);
  });

  it('a part of the cgroups is not taken for all', async () => {
    const all = /^\S+ (\S+) cgroup2 /mu.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '';
    const part = `${all}/netflow-test-${process.pid}`;
    mkdirSync(part);
    onCleanUp(() => rmdirSync(part));
    const look = `umount ${all} && mount -t cgroup2 none ${all} && exec ${command} driver status --json`;
    const { stdout, stderr } = await alone(`echo $$ > ${part}/cgroup.procs && exec unshare --cgroup sh -c "${look}"`);
    assert.equal(stderr, '');
    const { requirements } = JSON.parse(stdout) as DriverStatus;
    const detail = `only a part of the cgroups is at ${all}, as in a container: run this on the host`;
    assert.deepEqual(
      requirements.find(({ name }) => name === 'cgroup2'),
      { name: 'cgroup2', ok: false, detail },
    );
  });
});

describe('what is there', () => {
  asRoot(async () => {
    await stopDriver();
  });

  it('is not unmounted where somebody else has mounted it', async () => {
    const script = `
      while umount -l /sys/fs/bpf 2> /dev/null; do :; done
      ${command} driver start && umount -l /sys/fs/bpf && mount -t bpf others /sys/fs/bpf && ${command} driver stop
      grep -c ' - bpf others ' /proc/self/mountinfo`;
    const { stdout, stderr } = await run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script]);
    assert.equal(stdout, '1\n', stderr);
  });

  it('is not waited for in silence: who changes the driver is named', async () => {
    await startDriver();
    const holder = start('flock', ['--no-fork', '/run/netflow/lock', 'sleep', '60']);
    await until(
      'the lock is taken',
      async () => (await run('flock', ['--nonblock', '/run/netflow/lock', 'true'])).code !== 0,
    );
    const waiting = start(process.execPath, [entry, 'driver', 'start'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    waiting.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    await until('it says for whom it waits', () => said.includes(`Waiting for process ${holder.pid} (sleep)`));
    holder.kill('SIGKILL');
    assert.equal(await ended(waiting), 0, said);
  });

  it("of the caller's environment does not reach the agent", async () => {
    await startWithoutLimits();
    const environment = { ...process.env };
    onCleanUp(() => (process.env = environment));
    process.env = { ...environment, NODE_OPTIONS: '--no-warnings', LD_AUDIT: '', PATH: `${temporaryFolder()}:` };
    await limit('--path', '/usr/bin/env', '--upload', '1MB');
    process.env = environment;
    const variables = readFileSync(`/proc/${await startedAgent()}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean);
    assert.deepEqual(variables.map((text) => text.split('=')[0]).toSorted(), ['LC_ALL', 'PATH']);
    await removeLimits();
  });
});
