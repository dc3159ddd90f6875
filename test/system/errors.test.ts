import assert from 'node:assert/strict';
import { type Outcome, run } from '../support/commands.js';
import { asRoot, startDriver, stopDriver } from './support/netflow.js';
import { entry } from '../support/paths.js';

const nobody = 65_534;

describe('errors', () => {
  asRoot(async () => {
    await stopDriver();
  });
  afterEach(stopDriver);

  for (const command of ['list', 'driver start', 'driver stop', 'driver status']) {
    it(`netflow ${command} without root says to use a root shell`, async () => {
      assertRefused(await asNobody(...command.split(' ')), 4, /root shell, or with sudo/u);
    });
  }

  it('measure without root does not run the command', async () => {
    assertRefused(await asNobody('measure', '--', 'echo', 'ran'), 4, /root shell, or with sudo/u);
  });

  it('without root nobody is told by a driver that runs either', async () => {
    await startDriver();
    assertRefused(await asNobody('list', '--json'), 4, /root shell, or with sudo/u);
    const { code } = await run('setpriv', [...nobodysRights(), 'cat', '/sys/fs/bpf/netflow/processes']);
    assert.notEqual(code, 0);
  });

  const missing: [string, string, RegExp][] = [
    ['BTF', 'mount -t tmpfs none /sys/kernel/btf', /BTF .*CONFIG_DEBUG_INFO_BTF/u],
    [
      'the tracepoints',
      'mount -t tmpfs none /sys/kernel/btf && echo > /sys/kernel/btf/vmlinux',
      /sock_send_length.*6\.3/u,
    ],
    ['bpffs', 'mount --bind /proc/version /proc/filesystems', /bpffs .*CONFIG_BPF_SYSCALL/u],
    ['cgroup2', 'umount -t cgroup2 -a', /cgroup2 .*mount -t cgroup2/u],
    [
      'libbpf',
      'for f in $(ldconfig -p | sed -n "s/.*libbpf.so.1.*=> //p"); do mount --bind /dev/null $f; done',
      /libbpf1/u,
    ],
  ];
  for (const [what, hide, message] of missing) {
    it(`a machine without ${what} is told so, and how to get it`, async () => {
      assertRefused(await withHidden(hide, 'list'), 3, message);
      const { stdout, code } = await withHidden(hide, 'driver', 'status', '--json');
      assert.equal(code, 0);
      const { requirements } = JSON.parse(stdout) as { requirements: { ok: boolean }[] };
      assert.ok(requirements.some(({ ok }) => !ok));
    });
  }

  it('bpffs that is not mounted is mounted by start and unmounted by stop', async () => {
    const mounted = 'grep -c " /sys/fs/bpf bpf " /proc/self/mounts';
    const steps = `umount -l -a -t bpf; ${mounted}; "$@" driver start && ${mounted}; "$@" driver stop && ${mounted}`;
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', steps, 'sh', process.execPath, entry]);
    assert.equal(stdout, '0\n1\n0\n');
  });

  it('bpffs that start mounted stays where others have pinned something since', async () => {
    const mounted = 'grep -c " /sys/fs/bpf bpf " /proc/self/mounts';
    const steps = `umount -l -a -t bpf; "$@" driver start; mkdir /sys/fs/bpf/netflow-exporter; "$@" driver stop; ${mounted}; ls -d /sys/fs/bpf/netflow-exporter; rmdir /sys/fs/bpf/netflow-exporter; "$@" driver stop; ${mounted}`;
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', steps, 'sh', process.execPath, entry]);
    assert.equal(stdout, '1\n/sys/fs/bpf/netflow-exporter\n0\n');
  });

  it("a container's process ids are not taken for the machine's", async () => {
    const inside = ['--pid', '--fork', '--mount-proc', process.execPath, entry, 'list'];
    assertRefused(await run('unshare', inside), 3, /process ids .*on the host/u);
  });

  it('a size that the running driver does not have is said to need a stop', async () => {
    await startDriver();
    const { code, stderr } = await run(process.execPath, [entry, 'driver', 'start', '--max-processes', '99']);
    assert.equal(code, 1);
    assert.match(stderr, /^netflow: [^\n]*16384[^\n]*stop it first[^\n]*\n$/u);
  });
});

function assertRefused({ stdout, stderr, code }: Outcome, expected: number, message: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.match(stderr, /^netflow: [^\n]+\n$/u);
}

async function asNobody(...args: readonly string[]): Promise<Outcome> {
  return await run('setpriv', [...nobodysRights(), process.execPath, entry, ...args]);
}

function nobodysRights(): string[] {
  return ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', '--'];
}

/** Runs the command line in a mount namespace of its own, where something of the machine is out of sight. */
async function withHidden(hide: string, ...args: readonly string[]): Promise<Outcome> {
  return await run('unshare', ['--mount', 'sh', '-c', `${hide} && exec "$@"`, 'sh', process.execPath, entry, ...args]);
}
