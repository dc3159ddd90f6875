// Builds the Windows driver with mingw-w64, once for each kind of Windows:
//
//   dist/driver/windows/netflow.sys        as it is for Windows 10 and later (x64, unsigned)
//   dist/driver/windows/netflow7.sys       for Windows 7 to 8.1 (x64)
//   dist/driver/windows/netflow7-x86.sys   for Windows 7 to 8.1 (x86)
//   dist/symbols/NAME.debug                the names and lines of each, for whoever reads a crash dump
//   dist/wine/drivers/fwpkclnt.sys         the simulated WFP engine, for tests under Wine
//   dist/wine/drivers/netflow*.sys         the same drivers, linked to that (x64)
//
// With --nt it builds for scripts/nt-tests.mjs instead, into dist/nt: the driver for x86, linked to the simulated
// engine, that engine, and the program that tests them.
//
// driver/windows/wfp/netflow.vcxproj builds the first three with the Windows Driver Kit.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { main, run } from './support/command.mjs';
import { packageVersion, root } from './support/project.mjs';
import { stamp } from './support/stamp.mjs';

/** A driver uses none of the vector instructions whose header takes most of the time to read. */
const withoutVectors = '-D_X86INTRIN_H_INCLUDED';
const objects = 'dist/wine/objects';

const x64 = { tools: 'x86_64-w64-mingw32', entry: 'DriverEntry', imageBase: '0x140000000' };
const x86 = { tools: 'i686-w64-mingw32', entry: 'DriverEntry@8', imageBase: '0x10000', isDecorated: true };
const before10 = {
  version: [6, 1],
  imports: { ndis: ['ndis'], fwpkclnt: ['fwpkclnt'] },
  define: ['-D_WIN32_WINNT=0x0601', '-DNETFLOW_BEFORE_WINDOWS_10'],
  options: [],
};
// Windows 10 notifies a driver of all processes only if its signature is to be checked.
const since10 = {
  version: [10, 0],
  imports: { ndis: ['ndis'], fwpkclnt: ['fwpkclnt', 'fwpkclnt-10'] },
  define: ['-D_WIN32_WINNT=0x0A00'],
  options: ['forceinteg'],
};

const builds = [
  { name: 'netflow', ...x64, ...since10, forWine: true },
  { name: 'netflow7', ...x64, ...before10, forWine: true },
  { name: 'netflow7-x86', ...x86, ...before10 },
];
const engine = { name: 'engine', ...x64, ...since10 };
const onNt = { ...x86, ...before10, version: [5, 2], options: ['kill-at'] };

const driverOf = ({ name }) => `dist/driver/windows/${name}.sys`;
const symbolsOf = ({ name }) => `dist/symbols/${name}.sys.debug`;
const wineDriverOf = ({ name }) => `dist/wine/drivers/${name}.sys`;
const simulatedEngine = wineDriverOf({ name: 'fwpkclnt' });

await main('build-wfp', async () => {
  if (process.argv.includes('--nt')) return buildForNt();
  const outputs = builds.flatMap((build) => [
    driverOf(build),
    symbolsOf(build),
    ...(build.forWine ? [wineDriverOf(build)] : []),
  ]);
  const built = stamp('wfp', {
    inputs: [
      'driver/windows/common',
      'driver/windows/wfp',
      'driver/simulator/wfp',
      'driver/protocol.h',
      'scripts/build-wfp.mjs',
      'package.json',
    ],
    outputs: [...outputs, simulatedEngine].map((output) => join(root, output)),
  });
  if (built.isCurrent()) return;
  for (const folder of ['dist/driver/windows', 'dist/symbols', 'dist/wine/drivers', objects])
    mkdirSync(join(root, folder), { recursive: true });
  const simulation = 'driver/simulator/wfp/fwpkclnt.def';
  const simulated = await importLibrary('simulated', simulation, engine);
  for (const build of builds) await buildDriver(build, simulated);
  const files = await compile(engine, ['driver/simulator/wfp']);
  await link(engine, simulatedEngine, [...files, simulation], []);
  built.set();
});

async function buildForNt() {
  for (const folder of ['dist/nt', objects]) mkdirSync(join(root, folder), { recursive: true });
  const simulation = await compile({ ...onNt, name: 'engine-nt' }, ['driver/simulator/wfp']);
  const driver = await compile({ ...onNt, name: 'netflow-nt' }, ['driver/windows/common', 'driver/windows/wfp']);
  const exported = await define(onNt, 'fwpkclnt', ['fwpkclnt', 'ndis'], driver);
  const library = await importLibrary('simulated-nt', exported, onNt);
  await link(onNt, 'dist/nt/fwpkclnt.sys', [...simulation, exported], []);
  await link(onNt, 'dist/nt/netflow.sys', driver, [library], ['-s']);
  const program = ['-o', 'dist/nt/nt_test.exe', 'driver/test/nt/nt_test.c', '-ladvapi32', '-lntdll'];
  await run(`${onNt.tools}-gcc`, ['-O2', '-Wall', '-Werror', '-D_WIN32_WINNT=0x0502', ...program], { cwd: root });
}

async function buildDriver(build, simulated) {
  const files = await compile(build, ['driver/windows/common', 'driver/windows/wfp']);
  const libraries = [];
  for (const [name, parts] of Object.entries(build.imports)) {
    const definition = await define(build, name, parts, files);
    libraries.push(await importLibrary(`${build.name}-${name}`, definition, build));
  }
  // The same image twice: the second time with what the first leaves out.
  await link(build, driverOf(build), files, [...libraries], ['-s']);
  await link(build, `${objects}/${build.name}-whole.sys`, files, libraries);
  await run(`${build.tools}-objcopy`, ['--only-keep-debug', `${objects}/${build.name}-whole.sys`, symbolsOf(build)], {
    cwd: root,
  });
  if (build.forWine) await link(build, wineDriverOf(build), files, [simulated], ['-s']);
}

async function compile(build, folders) {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.c'))
      .map((file) => `${folder}/${file}`),
  );
  const waiting = [...sources];
  const compileSome = async () => {
    for (let source; (source = waiting.pop());)
      await run(`${build.tools}-gcc`, [...flags(build), '-c', source, '-o', objectOf(build, source)], { cwd: root });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileSome));
  return sources.map((source) => objectOf(build, source));
}

function flags({ define }) {
  return [
    withoutVectors,
    ...['-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-Wno-multichar', '-fno-ident'],
    `-ffile-prefix-map=${root.replace(/\/$/, '')}=.`,
    `-DNETFLOW_VERSION="${packageVersion()}"`,
    ...define,
    '-I/usr/share/mingw-w64/include/ddk',
  ];
}

async function importLibrary(name, definition, { tools, isDecorated }) {
  const library = `${objects}/${name}.a`;
  const options = isDecorated ? ['-k'] : [];
  await run(`${tools}-dlltool`, [...options, '-d', definition, '-l', library], { cwd: root });
  return library;
}

/**
 * Makes one definition of a library of its parts. On x86 a name has the bytes of its parameters, which the compiler
 * knows.
 */
async function define({ name, tools, isDecorated }, library, parts, files) {
  const names = parts.flatMap((part) => {
    const text = readFileSync(join(root, `driver/windows/wfp/import/${part}.def`), 'utf8');
    return text.split('EXPORTS\n')[1].trim().split('\n');
  });
  const undefinedNames = isDecorated ? await run(`${tools}-nm`, ['-u', ...files], { cwd: root }) : '';
  const decorated = new Map(
    [...undefinedNames.matchAll(/\bU (?:__imp_)?_((\w+)@\d+)$/gmu)].map(([, full, short]) => [short, full]),
  );
  const output = `${objects}/${name}-${library}.def`;
  const lines = names.map((each) => decorated.get(each) ?? each);
  writeFileSync(join(root, output), `LIBRARY ${library}.sys\nEXPORTS\n${lines.join('\n')}\n`);
  return output;
}

// The order matters: a driver imports a function from the first library that has it, and from the kernel last.
function link({ tools, entry, imageBase, version, options }, output, files, libraries, strip = []) {
  const image = [
    'subsystem,native',
    `entry,${entry}`,
    `image-base,${imageBase}`,
    'dynamicbase',
    'nxcompat',
    'no-insert-timestamp',
    'wdmdriver',
    ...options,
    ...['os', 'subsystem'].flatMap((what) => [
      `major-${what}-version,${version[0]}`,
      `minor-${what}-version,${version[1]}`,
    ]),
  ];
  const sections = ['file-alignment,0x200', 'section-alignment,0x1000', 'exclude-all-symbols'];
  const linked = [...image, ...sections].map((option) => `-Wl,--${option}`);
  const kernel = ['-lntoskrnl', '-lhal', '-lgcc'];
  return run(
    `${tools}-gcc`,
    ['-nostdlib', '-shared', ...strip, ...linked, '-o', output, ...files, ...libraries, ...kernel],
    {
      cwd: root,
    },
  );
}

function objectOf({ name }, source) {
  return `${objects}/${name}-${basename(source, '.c')}.o`;
}
