// Tests of the Windows driver on a real NT kernel, under QEMU, as TAP:
//
//   node scripts/nt-tests.mjs --image FILE
//
// FILE is a live image (ISO) of ReactOS for x86, which its user has; nothing of it stays. The driver is the build for
// x86, linked to the simulated WFP engine; driver/test/nt/nt_test.c runs in place of the desktop. What this shows
// beyond the simulated kernel: that kernel's service manager, registry, requests and notification of processes.
// Requires xorriso, hivexsh (libhivex-bin), qemu-system-i386 and mingw-w64. No image has been at hand since it was
// written: NOT YET RUN with one.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CommandError, findProgram, main, run } from './support/command.mjs';
import { root } from './support/project.mjs';

const programs = ['xorriso', 'hivexsh', 'qemu-system-i386', 'i686-w64-mingw32-gcc'];
const built = join(root, 'dist/nt');
/** Milliseconds. Such a system is up after half a minute of emulation. */
const patience = 300_000;
const interval = 250;

await main('nt-tests', async () => {
  const { values } = parseArgs({ options: { image: { type: 'string' } } });
  if (values.image === undefined) {
    throw new CommandError('--image must name a live image (ISO) of ReactOS for x86', { exitCode: 2 });
  }
  const image = resolve(values.image);
  if (!existsSync(image)) throw new CommandError(`there is no ${image}`, { exitCode: 2 });
  const missing = programs.filter((name) => !findProgram(name));
  if (missing.length > 0) throw new CommandError(`these programs are missing: ${missing.join(', ')}`);
  await run(process.execPath, ['scripts/build-wfp.mjs', '--nt'], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'netflow-nt-'));
  try {
    const ours = join(folder, 'ours.iso');
    await furnish(image, ours, folder);
    return report(await boot(ours, join(folder, 'serial')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Puts the drivers and the test into a copy of the image; the test takes the place of the desktop. */
async function furnish(image, ours, folder) {
  const taken = {
    software: '/reactos/system32/config/software',
    loader: '/freeldr.ini',
  };
  for (const [name, path] of Object.entries(taken)) {
    const file = join(folder, name);
    await run('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', path, file]);
    await run('chmod', ['u+w', file]);
  }
  await setShell(join(folder, 'software'));
  setLoader(join(folder, 'loader'));
  const unattended = '[Unattend]\r\nSignature = "$ReactOS$"\r\nUnattendSetupEnabled = yes\r\nLocaleID = 409\r\n';
  writeFileSync(join(folder, 'unattend'), unattended);
  const placed = [
    ...Object.entries(taken).map(([name, path]) => [join(folder, name), path]),
    [join(folder, 'unattend'), '/reactos/unattend.inf'],
    [join(built, 'fwpkclnt.sys'), '/reactos/system32/drivers/fwpkclnt.sys'],
    [join(built, 'netflow.sys'), '/reactos/system32/drivers/netflow.sys'],
    [join(built, 'nt_test.exe'), '/reactos/system32/nt_test.exe'],
  ];
  const names = 'joliet_long_names:rec_mtime:omit_version:no_force_dots:no_j_force_dots:long_paths:deep_paths';
  await run('xorriso', [
    ...['-indev', image, '-outdev', ours, '-boot_image', 'any', 'replay', '-joliet', 'on'],
    ...['-compliance', `iso_9660_level=3:${names}`],
    ...placed.flatMap(([from, to]) => ['-map', from, to]),
  ]);
}

/** Of a key, hivexsh sets all values or none, so that it has to be given the others again. */
async function setShell(hive) {
  const key = 'cd Microsoft\\Windows NT\\CurrentVersion\\Winlogon\n';
  const list = `${hive}.list`;
  writeFileSync(list, `${key}lsval\n`);
  const lines = (await run('hivexsh', ['-f', list, hive])).split('\n');
  const values = lines
    .map((line) => /^"([^"]*)"=(.*)$/.exec(line))
    .filter(Boolean)
    .map(
      ([, name, value]) =>
        `${name}\n${name === 'Shell' ? String.raw`string:%SystemRoot%\system32\nt_test.exe` : typed(value)}`,
    );
  writeFileSync(list, `${key}setval ${values.length}\n${values.join('\n')}\ncommit\nunload\n`);
  await run('hivexsh', ['-w', '-f', list, hive]);
}

/** As setval takes what lsval has shown. */
function typed(value) {
  if (value.startsWith('"')) return `string:${value.slice(1, -1).replaceAll('\\\\', '\\')}`;
  if (value.startsWith('str(2):')) return `expandstring:${value.slice(8, -1).replaceAll('\\\\', '\\')}`;
  return value.replace(/^dword:/, 'dword:0x');
}

function setLoader(file) {
  const text = readFileSync(file, 'latin1');
  writeFileSync(file, text.replace(/^TimeOut=.*$/m, 'TimeOut=0'), 'latin1');
}

/** Returns what the system says on its serial line until the tests are over. */
async function boot(image, serial) {
  const machine = ['-accel', 'tcg', '-m', '768', '-display', 'none', '-vga', 'std', '-no-reboot'];
  const devices = ['-serial', `file:${serial}`, '-nic', 'none', '-cdrom', image, '-boot', 'd'];
  const child = spawn('qemu-system-i386', [...machine, ...devices], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    for (let waited = 0; waited < patience && child.exitCode === null; waited += interval) {
      await sleep(interval);
      const said = existsSync(serial) ? readFileSync(serial, 'latin1') : '';
      if (/^1\.\.\d+\s*$/m.test(said)) return said;
      if (said.includes('kdb:>')) throw new CommandError('the system has crashed', { output: said.slice(-4000) });
    }
  } finally {
    child.kill();
  }
  throw new CommandError(`the tests did not come to their end in ${patience / 1000} s`);
}

function report(said) {
  const lines = said.split(/\r?\n/).filter((line) => /^(not )?ok \d|^1\.\./.test(line));
  process.stdout.write(`${lines.join('\n')}\n`);
  return lines.some((line) => line.startsWith('not ok')) ? 1 : 0;
}
