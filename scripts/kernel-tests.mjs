// Tests of the Linux driver on kernels that Debian ships, in machines of their own (QEMU), as TAP:
//
//   node scripts/kernel-tests.mjs                   those that stay as they are
//   node scripts/kernel-tests.mjs --only RELEASE    one: bookworm, bookworm-backports, or trixie-backports, the newest
//   node scripts/kernel-tests.mjs --whole           with every test of these files, not some of each
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError, main } from './support/command.mjs';
import { debianKernel } from './support/debian-kernel.mjs';
import { bootCommand, comeUp, placeSystemd } from './support/debian-systemd.mjs';
import { runGuest } from './support/guest.mjs';
import { root } from './support/project.mjs';

const system = (name) => `dist/test/system/${name}.test.js`;
const onlyHere = (name) => `dist/test/kernels/${name}.test.js`;

/** The tests of counting that run, by parts of their titles: one for each hook, and those of a process's identity. */
const some = [
  'by send and recv',
  'by splice into and out of a socket',
  'by io_uring$',
  'over IPv6$',
  'over MPTCP by send',
  'over SCTP',
  'that segmentation offload makes of one call',
  'with path, user, start time and bytes',
  'as a new process after an exec, with',
  'counts 200 children',
  'leaves no program, map, link',
  'a limit is kept once',
  'packets of more than 64 KB',
];
/** An emulated machine takes ten seconds to start the driver: the first and the last of these do, and stop it. */
const counting = ['identity', 'exactness', 'datagrams', 'measure'].map(system);
const working = [...counting, onlyHere('sctp'), onlyHere('interfaces'), system('survival')];

const kernels = [
  { release: 'bookworm', files: [onlyHere('refusal')], tests: ['.'] }, // 6.1
  { release: 'bookworm-backports', files: working, tests: some }, // 6.12
  { release: 'trixie-backports', files: working, tests: some, isMoving: true },
];
const minutes = 15;
/** Whose kernel a machine with systemd is started with. */
const bootRelease = 'bookworm-backports';

await main('kernel-tests', async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, whole: { type: 'boolean' } } });
  const chosen = kernels.filter(({ release, isMoving }) => (values.only ? values.only === release : !isMoving));
  if (chosen.length === 0) throw new CommandError(`there is no kernel of ${values.only}`, { exitCode: 2 });
  const { buildClients } = await import(pathToFileURL(join(root, 'dist/test/system/support/clients.js')));
  buildClients();
  let failed = 0;
  for (const { release, files, tests } of chosen) failed += await test(release, files, values.whole ? ['.'] : tests);
  if (chosen.some(({ release }) => release === bootRelease)) failed += await testBoot();
  return failed > 0 ? 1 : 0;
});

/** Whether a machine with a saved limit comes up: 1 where it does not. */
async function testBoot() {
  let hasComeUp = false;
  await runGuest(await debianKernel(bootRelease), bootCommand, {
    minutes,
    furnish: (guest) => placeSystemd(guest, 120),
    onLine: (line) => {
      // The kernel may write behind it.
      if (line.startsWith(comeUp)) hasComeUp = true;
      else if (line.trim()) process.stdout.write(`# ${line}\n`);
    },
  });
  process.stdout.write(`${hasComeUp ? '' : 'not '}ok - a machine with a saved limit comes up, on ${bootRelease}\n`);
  return hasComeUp ? 0 : 1;
}

/** Returns how many tests have failed. */
async function test(release, files, tests) {
  const kernel = await debianKernel(release);
  process.stdout.write(`# Linux ${kernel.modules.split('/').at(-1)}, of ${release}\n`);
  let failed = 0;
  let count = 0;
  const tell = (line) => {
    const [, not, title] = /^(not )?ok \d+ (.*)$/.exec(line) ?? [];
    if (title !== undefined) count++;
    if (not) failed++;
    if (line.trim())
      process.stdout.write(
        `${title === undefined ? `# ${line}` : `${not ?? ''}ok ${count} - ${title}, on ${release}`}\n`,
      );
  };
  const command = `node node_modules/mocha/bin/mocha.js --reporter tap --forbid-only --grep '${tests.join('|')}' ${files.join(' ')}`;
  const hasEnded = await runGuest(kernel, command, { minutes, onLine: tell });
  if (!hasEnded || count === 0) process.stdout.write(`not ok - the tests on ${release} came to their end\n`);
  return failed + (hasEnded && count > 0 ? 0 : 1);
}
