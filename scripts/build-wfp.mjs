// Builds the Windows driver with mingw-w64:
//
//   dist/driver/windows/netflow.sys    as it is for Windows (unsigned)
//   dist/symbols/netflow.sys.debug     its names and lines, for whoever reads a crash dump
//   dist/wine/drivers/fwpkclnt.sys     the simulated WFP engine, for tests under Wine
//   dist/wine/drivers/netflow.sys      the same driver, linked to that
//
// driver/windows/wfp/netflow.vcxproj builds the first with the Windows Driver Kit.
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { main, run } from './support/command.mjs';
import { packageVersion, root } from './support/project.mjs';
import { stamp } from './support/stamp.mjs';

const compiler = 'x86_64-w64-mingw32-gcc';
/** A driver uses none of the vector instructions whose header takes most of the time to read. */
const withoutVectors = '-D_X86INTRIN_H_INCLUDED';
const objects = 'dist/wine/objects';
const symbols = 'dist/symbols/netflow.sys.debug';
const outputs = [
  'dist/driver/windows/netflow.sys',
  symbols,
  'dist/wine/drivers/fwpkclnt.sys',
  'dist/wine/drivers/netflow.sys',
];

await main('build-wfp', async () => {
  const built = stamp('wfp', {
    inputs: [
      'driver/windows/common',
      'driver/windows/wfp',
      'driver/simulator/wfp',
      'driver/protocol.h',
      'scripts/build-wfp.mjs',
      'package.json',
    ],
    outputs: outputs.map((output) => join(root, output)),
  });
  if (built.isCurrent()) return;
  for (const folder of ['dist/driver/windows', 'dist/symbols', 'dist/wine/drivers', objects])
    mkdirSync(join(root, folder), { recursive: true });
  const driver = await compile('driver', ['driver/windows/common', 'driver/windows/wfp']);
  const engine = await compile('engine', ['driver/simulator/wfp']);
  const ndis = await importLibrary('ndis', 'driver/windows/wfp/import/ndis.def');
  const fwpkclnt = await importLibrary('fwpkclnt', 'driver/windows/wfp/import/fwpkclnt.def');
  const simulated = await importLibrary('simulated', 'driver/simulator/wfp/fwpkclnt.def');
  await link('dist/driver/windows/netflow.sys', driver, [fwpkclnt, ndis]);
  await linkSymbols(driver, [fwpkclnt, ndis]);
  await link('dist/wine/drivers/netflow.sys', driver, [simulated]);
  await link('dist/wine/drivers/fwpkclnt.sys', [...engine, 'driver/simulator/wfp/fwpkclnt.def'], []);
  built.set();
});

async function compile(name, folders) {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.c'))
      .map((file) => `${folder}/${file}`),
  );
  const waiting = [...sources];
  const compileSome = async () => {
    for (let source; (source = waiting.pop());)
      await run(compiler, [...flags(), '-c', source, '-o', objectOf(name, source)], { cwd: root });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileSome));
  return sources.map((source) => objectOf(name, source));
}

function flags() {
  return [
    withoutVectors,
    ...['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-Wno-multichar', '-fno-ident'],
    `-ffile-prefix-map=${root.replace(/\/$/, '')}=.`,
    `-DNETFLOW_VERSION="${packageVersion()}"`,
    '-I/usr/share/mingw-w64/include/ddk',
  ];
}

async function importLibrary(name, definition) {
  const library = `${objects}/${name}.a`;
  await run('x86_64-w64-mingw32-dlltool', ['-d', definition, '-l', library], { cwd: root });
  return library;
}

// The order matters: a driver imports a function from the first library that has it, and from the kernel last.
function link(output, files, libraries, strip = ['-s']) {
  const image = [
    'subsystem,native',
    'entry,DriverEntry',
    'image-base,0x140000000',
    'dynamicbase',
    'nxcompat',
    'no-insert-timestamp',
    'wdmdriver',
    ...['os', 'subsystem'].flatMap((what) => [`major-${what}-version,6`, `minor-${what}-version,1`]), // Windows 7
  ];
  const sections = ['file-alignment,0x200', 'section-alignment,0x1000', 'exclude-all-symbols'];
  const options = [...image, ...sections].map((option) => `-Wl,--${option}`);
  return run(
    compiler,
    ['-nostdlib', '-shared', ...strip, ...options, '-o', output, ...files, ...libraries, '-lntoskrnl', '-lhal'],
    { cwd: root },
  );
}

/** The same image once more, with what -s leaves out. */
async function linkSymbols(files, libraries) {
  const whole = `${objects}/netflow-whole.sys`;
  await link(whole, files, libraries, []);
  await run('x86_64-w64-mingw32-objcopy', ['--only-keep-debug', whole, symbols], { cwd: root });
}

function objectOf(name, source) {
  return `${objects}/${name}-${basename(source, '.c')}.o`;
}
