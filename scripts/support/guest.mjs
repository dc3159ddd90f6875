// A machine under QEMU that runs a kernel of its own with this checkout's files, in memory alone.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError, findProgram, run } from './command.mjs';
import { root } from './project.mjs';

/** This machine's programs that the guest gets. The rest is BusyBox, whose own `ip` lacks too much. */
const programs = ['bash', 'bpftool', 'ip', 'tc', 'wg'];
const notOfBusybox = new Set([...programs, 'busybox', 'init']);

const parts = [
  '.mocharc.json',
  'package.json',
  'bin',
  'core/start-bundle.js',
  'dist/bin',
  'dist/core',
  'dist/driver',
  'dist/test',
  'dist/test-clients',
];
const packages = ['mocha', 'koffi', 'yargs', 'chalk', 'cli-table3', 'csv-parse'];

/** Modules that are loaded before anything runs, with their dependencies. Some kernels have some of them built in. */
const modules = [
  ...['sch_htb', 'sch_ingress', 'cls_bpf', 'macvlan', 'veth', 'tun', 'bridge', 'overlay'],
  ...['8021q', 'bonding', 'wireguard', 'sctp', 'vrf'],
  ...['esp4', 'xfrm_user', 'ctr', 'gcm', 'ghash_generic', 'seqiv'],
];

const memory = '1500M';
/** QEMU's cmpxchg16b spoils the flags, so the guest has none; kernels from 7.0 on then need slabs that do without. */
const cpu = 'max,-cx16';
const withoutCmpxchg16b = 'slab_debug=F';

/**
 * Runs a command in a guest, in the checkout's folder there; `onLine` sees what it writes. False: it came to no end.
 * `furnish` puts more into the folder that becomes the guest's root.
 */
export async function runGuest({ image, modules: library }, command, { minutes, onLine, furnish = () => {} }) {
  const work = mkdtempSync(join(tmpdir(), 'netflow-guest-'));
  try {
    const disk = await makeDisk(work, library, command, furnish);
    return await boot(image, disk, minutes, onLine);
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function makeDisk(work, library, command, furnish) {
  const guest = join(work, 'root');
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) placeMerged(guest, name);
  for (const name of ['dev', 'etc', 'netflow', 'proc', 'root', 'run', 'sys', 'tmp', 'var/lib', 'modules'])
    mkdirSync(join(guest, name), { recursive: true });
  await placePrograms(guest);
  placeCheckout(join(guest, 'netflow'));
  const loaded = await placeModules(library, join(guest, 'modules'));
  writeFileSync(join(guest, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
  writeFileSync(join(guest, 'init'), init(loaded, command), { mode: 0o755 });
  await furnish(guest);
  return pack(guest, join(work, 'disk'));
}

/** As Debian has it: /bin is /usr/bin. */
function placeMerged(guest, name) {
  mkdirSync(join(guest, 'usr', name), { recursive: true });
  symlinkSync(`usr/${name}`, join(guest, name));
}

async function placePrograms(guest) {
  const busybox = findProgram('busybox');
  copyFileSync(busybox, join(guest, 'bin/busybox'));
  for (const name of (await run(busybox, ['--list'])).split('\n').filter((name) => name && !notOfBusybox.has(name)))
    symlinkSync('busybox', join(guest, 'bin', name));
  const files = [process.execPath, ...programs.map(findProgram)];
  const loadedLater = '/usr/lib/x86_64-linux-gnu/libbpf.so.1';
  for (const file of files) placeFile(file, join(guest, 'bin', basename(file)));
  placeFile(loadedLater, join(guest, loadedLater));
  for (const library of await librariesOf([...files, loadedLater])) placeFile(library, join(guest, library));
}

async function librariesOf(files) {
  const text = (await Promise.all(files.map((file) => run('ldd', [file])))).join('\n');
  return new Set(text.match(/(?<=\s)\/\S+(?= \()/g));
}

function placeFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  if (!existsSync(to)) copyFileSync(from, to);
}

/** With their times, by which tests see that their programs are compiled. */
function placeCheckout(target) {
  const copy = (path) => cpSync(join(root, path), join(target, path), { recursive: true, preserveTimestamps: true });
  for (const path of [...parts, 'test/system/clients', ...packages.flatMap((name) => [...closure(name)])]) copy(path);
}

/** A package's folder, and those of all that it depends on. */
function closure(name, found = new Set()) {
  const folder = join('node_modules', name);
  if (found.has(folder) || !existsSync(join(root, folder))) return found;
  found.add(folder);
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) closure(each, found);
  return found;
}

/** Unpacked, under their plain names. Returns these in the order in which they are to be loaded. */
async function placeModules(library, target) {
  const lines = readFileSync(join(library, 'modules.dep'), 'utf8').split('\n').filter(Boolean);
  const needs = new Map(
    lines.map((line) => [line.split(':')[0], line.split(':')[1].trim().split(' ').filter(Boolean)]),
  );
  const byName = new Map([...needs.keys()].map((path) => [plainName(path), path]));
  const order = new Set();
  const add = (path) => {
    for (const needed of needs.get(path)) add(needed);
    order.add(path);
  };
  for (const name of modules) if (byName.has(name)) add(byName.get(name));
  for (const path of order) await unpack(join(library, path), join(target, `${plainName(path)}.ko`));
  return [...order].map(plainName);
}

function plainName(path) {
  return basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');
}

async function unpack(from, to) {
  copyFileSync(from, `${to}${from.endsWith('.xz') ? '.xz' : ''}`);
  if (from.endsWith('.xz')) await run('xz', ['-d', `${to}.xz`]);
}

/** The last line of a guest. */
export const end = 'the guest has come to its end';

function init(loaded, command) {
  return `#!/bin/busybox sh
export PATH=/bin HOME=/root CI=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
for module in ${loaded.join(' ')}; do insmod /modules/$module.ko; done
ip link set lo up
cd /netflow
${command} < /dev/null
echo '${end}'
poweroff -f
`;
}

/** As the kernel takes it: a cpio archive. */
async function pack(folder, file) {
  const names = await run('busybox', ['find', '.'], { cwd: folder });
  const { status } = spawnSync('busybox', ['cpio', '-o', '-H', 'newc', '-F', file], { cwd: folder, input: names });
  if (status !== 0) throw new CommandError(`busybox cpio failed (${status})`);
  return file;
}

async function boot(image, disk, minutes, onLine) {
  const machine = ['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', cpu, '-smp', '2', '-m', memory];
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'];
  const append = `console=ttyS0 quiet panic=-1 ${withoutCmpxchg16b}`;
  const args = [...machine, ...bare, '-kernel', image, '-initrd', disk, '-append', append];
  const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000);
  let hasEnded = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const text = line.replaceAll('\r', '');
    if (text.includes(end)) hasEnded = true;
    else onLine(text);
  });
  try {
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  } catch (error) {
    throw new CommandError(`QEMU can't be run: ${error.message}`);
  } finally {
    clearTimeout(timer);
  }
  return hasEnded;
}
