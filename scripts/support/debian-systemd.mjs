// Debian's systemd as the first process of a guest, with units ordered as cloud-init's: its network stage comes before
// sysinit.target, and after the network that NetFlow's own unit comes before. What waits for systemd there waits for itself.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './command.mjs';
import { ownApt } from './debian-apt.mjs';
import { end } from './guest.mjs';
import { root } from './project.mjs';

const release = 'bookworm';
const folder = join(root, 'dist/kernels/systemd');
const stateWord = 'STATE';

export const bootCommand = 'exec /lib/systemd/systemd';

/** The line of a guest that has come up, with the states of multi-user.target, NetFlow's unit and its agent's. */
export const comeUp = `${stateWord} active active active`;

/** Patience is in seconds of the guest. */
export async function placeSystemd(guest, patience) {
  if (!existsSync(folder)) await fetchSystemd();
  for (const file of readdirSync(folder)) await unpack(join(folder, file), guest);
  const units = join(guest, 'etc/systemd/system');
  for (const [name, text] of Object.entries(await unitTexts())) place(join(units, name), text);
  for (const [target, names] of Object.entries(wanted)) {
    mkdirSync(join(units, `${target}.wants`), { recursive: true });
    for (const name of names) symlinkSync(`../${name}.service`, join(units, `${target}.wants`, `${name}.service`));
  }
  symlinkSync('/lib/systemd/system/multi-user.target', join(units, 'default.target'));
  for (const name of ['getty@tty1', 'serial-getty@ttyS0', 'systemd-firstboot'])
    symlinkSync('/dev/null', join(units, `${name}.service`));
  place(join(guest, 'etc/machine-id'), '0123456789abcdef0123456789abcdef\n');
  place(join(guest, 'var/lib/netflow/rules.json'), JSON.stringify({ rules: [rule] }));
  place(join(guest, 'report.sh'), report(patience), 0o755);
}

async function fetchSystemd() {
  const work = `${folder}.new`;
  const apt = await ownApt(release, work);
  await apt('apt-get', 'install', '-q', '-y', '--download-only', 'systemd');
  rmSync(join(work, 'cache/archives/partial'), { recursive: true });
  rmSync(join(work, 'cache/archives/lock'), { force: true });
  renameSync(join(work, 'cache/archives'), folder);
  rmSync(work, { recursive: true });
}

/** Keeps files that the guest has already: this machine's programs need this machine's libraries. */
async function unpack(file, guest) {
  const tar = 'dpkg-deb --fsys-tarfile "$1" | tar -x --skip-old-files --keep-directory-symlink -C "$2"';
  await run('sh', ['-c', tar, 'sh', file, guest]);
}

function place(file, text, mode = 0o600) {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o755 });
  writeFileSync(file, text, { mode });
}

const rule = { path: '/bin/busybox', upload: 1_000_000, download: null, shared: false, policy: false };
const wanted = { 'multi-user.target': ['netflow', 'networking'], 'sysinit.target': ['cloud-init', 'report'] };

async function unitTexts() {
  const { unitText } = await import(pathToFileURL(join(root, 'dist/core/driver/linux/boot-unit.js')));
  return {
    'netflow.service': unitText('/bin/node', '/netflow/bin/netflow.js'),
    'cloud-init-local.service': stage(
      'Wants=network-pre.target',
      'After=systemd-remount-fs.service',
      'Before=network-pre.target sysinit.target',
    ),
    'cloud-init.service': stage(
      'Wants=cloud-init-local.service',
      'After=cloud-init-local.service networking.service',
      'Before=network-online.target sysinit.target',
    ),
    'networking.service': stage(
      'Wants=network.target',
      'After=local-fs.target network-pre.target',
      'Before=network.target network-online.target',
    ),
    'report.service': '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/report.sh\n',
  };
}

function stage(...order) {
  const unit = ['[Unit]', 'DefaultDependencies=no', ...order, 'Before=shutdown.target', 'Conflicts=shutdown.target'];
  const service = ['[Service]', 'Type=oneshot', 'ExecStart=/bin/true', 'RemainAfterExit=yes', 'TimeoutSec=0'];
  return `${[...unit, ...service].join('\n')}\n`;
}

/** Looks once a second, and says in the end what is still waited for. */
function report(patience) {
  const states = '$(systemctl is-active multi-user.target netflow.service netflow-agent.service)';
  return `#!/bin/sh
exec > /dev/ttyS0 2>&1
for second in $(seq ${patience}); do
  state=$(echo ${stateWord} ${states})
  [ "$state" = '${comeUp}' ] && break
  sleep 1
done
echo "after $second s:"
systemctl list-jobs --no-pager --no-legend
systemctl status --no-pager --lines 5 netflow.service | cut -c1-120
echo "$state"
echo '${end}'
echo o > /proc/sysrq-trigger
`;
}
