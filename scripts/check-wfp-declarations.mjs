// Holds our own declarations of the Windows Filtering Platform (driver/windows/wfp/fwp_*.h) against Microsoft's:
//
//   node scripts/check-wfp-declarations.mjs --sdk FOLDER
//
// FOLDER is a version's folder of the Windows SDK's headers, with `shared` and `um` below it. The NuGet package
// Microsoft.Windows.SDK.CPP has them under c/Include. Needs clang and mingw-w64's headers. The kernel's own headers are
// in the WDK alone; most of what they declare is here as well, and what is not is named at the end.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main, run } from './support/command.mjs';
import { root } from './support/project.mjs';

const folder = join(root, 'driver/windows/wfp');
const ourHeaders = ['fwp_types.h', 'fwp_packets.h', 'fwp_callouts.h', 'fwp_engine.h', 'fwp_guid.h'];
const mingw = '/usr/share/mingw-w64/include';
const targets = ['x86_64-w64-mingw32', 'i686-w64-mingw32'];

/** Those that there is a build for; later headers only append to structures. */
const windows7 = ['-D_WIN32_WINNT=0x0601', '-DNTDDI_VERSION=0x06010000'];
const windows10 = ['-D_WIN32_WINNT=0x0A00', '-DNTDDI_VERSION=0x0A000000'];
/** Declares what the build for Windows 10 looks for at run time. */
const newest = ['-D_WIN32_WINNT=0x0A00', '-DNTDDI_VERSION=0x0A000010'];

/** Windows only reads these at their end, and later versions have more there. */
const appended = new Set(['FWPS_INCOMING_METADATA_VALUES0']);

const ourPrologue = '#include "fwp.h"';

/** Declares what the SDK's headers expect and mingw-w64's lack. */
const theirPrologue = `
#include <winsock2.h>
#include <windows.h>
#include <ws2ipdef.h>
typedef struct _WSACMSGHDR WSACMSGHDR;
typedef struct FWPM_PROVIDER_CONTEXT3_ FWPM_PROVIDER_CONTEXT3;
#undef DEFINE_GUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \\
	static const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#include <fwpmu.h>
#include <fwpsu.h>
`;

await main('check-wfp-declarations', async () => {
  const { values } = parseArgs({ options: { sdk: { type: 'string' } } });
  if (values.sdk === undefined) {
    throw new CommandError('--sdk must name the folder of the Windows SDK that has `shared` and `um`', { exitCode: 2 });
  }
  const work = mkdtempSync(join(tmpdir(), 'netflow-wfp-'));
  try {
    linkHeaders(resolve(values.sdk), work);
    const ours = declared();
    const names = [...ours.constants, ...ours.structs.keys()];
    const found = [];
    const unknown = [];
    for (const version of [windows7, windows10, newest]) {
      const known = await knownAt(version, work);
      for (const target of targets) found.push(...(await compare(ours, known, { target, version, work })));
      unknown.push(names.filter((name) => !known.has(name)));
    }
    const problems = found.filter(({ ours: value, theirs }) => value !== theirs);
    if (problems.length > 0) {
      const lines = problems.map((each) => `${each.target}: ${each.name} is ${each.ours}, and ${each.theirs} there`);
      throw new CommandError(`${problems.length} differ`, { output: lines.join('\n') });
    }
    const [at7, at10, absent] = unknown;
    const compared = new Set(found.map(({ name }) => name)).size;
    process.stdout.write(`${compared} are as in the SDK, for Windows 7 and 10, on 64 and on 32 bits\n`);
    process.stdout.write(`Not for Windows 7: ${at7.filter((name) => !at10.includes(name)).join(', ')}\n`);
    process.stdout.write(`Not for the first Windows 10: ${at10.filter((name) => !absent.includes(name)).join(', ')}\n`);
    process.stdout.write(`Not in the SDK: ${absent.join(', ')}\n`);
  } finally {
    rmSync(work, { recursive: true });
  }
});

/** Only these of the SDK's: with its windows.h would come Microsoft's compiler. */
function linkHeaders(sdk, work) {
  const isWanted = (file) => /^(fwp\w*|ipsectypes|iketypes)\.h$/.test(file);
  const files = ['shared', 'um'].flatMap((part) =>
    readdirSync(join(sdk, part))
      .filter(isWanted)
      .map((file) => ({ file, path: join(sdk, part, file) })),
  );
  for (const { file, path } of files) symlinkSync(path, join(work, file));
}

/** The names that a version's headers declare or define. fwpvi.h names everything, whether or not it is there. */
async function knownAt(version, work) {
  const file = join(work, 'known.c');
  writeFileSync(file, theirPrologue);
  const options = [`--target=${targets[0]}`, '-fms-extensions', '-w', '-E', '-dD', '-P'];
  const text = await run('clang', [...options, ...version, '-I', work, '-I', mingw, file]);
  const declared = text.split('\n').filter((line) => !/^#define \w+ FW\w+$/.test(line));
  return new Set(declared.join('\n').match(/\b\w+\b/g));
}

/** The names that our headers declare. */
function declared() {
  const text = ourHeaders.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const plain = text.replace(/\/\*[^]*?\*\//g, '');
  const enums = [...plain.matchAll(/typedef enum \w+ \{([^}]*)\}/g)].flatMap(([, body]) => body.match(/\bFWP\w+/g));
  const defines = [...plain.matchAll(/^#define (FWP[SM]?_\w+) (?:0x|\d)/gm)].map(([, name]) => name);
  const structs = new Map(
    [...plain.matchAll(/typedef struct \w+ \{\n([^]*?)\n\} (\w+)/g)].map(([, body, name]) => [
      name,
      [...body.matchAll(/([A-Za-z]\w*)(?:\[\d+\])?;/g)].map(([, member]) => member),
    ]),
  );
  const guids = [...plain.matchAll(/FWP_GUID (\w+) =/g)].map(([, name]) => name);
  return { constants: [...new Set([...defines, ...enums])], structs, guids };
}

async function compare({ constants, structs, guids }, known, { target, version, work }) {
  const layouts = [...structs]
    .filter(([name]) => known.has(name))
    .flatMap(([name, members]) => [
      ...(appended.has(name) ? [] : [probe(`size_of_${name}`, `sizeof(${name})`)]),
      ...members.map((member) => probe(`${name}_${member}`, `__builtin_offsetof(${name}, ${member})`)),
    ]);
  const numbers = constants.filter((name) => known.has(name)).map((name) => probe(name, name));
  const keys = guids.map((name) => `const GUID *used_${name} = &${name};`); // or the compiler would leave them out
  const probes = [...layouts, ...numbers, ...keys];
  const includes = ['-DNETFLOW_VERSION="0"', '-I', folder, '-I', `${mingw}/ddk`];
  const ours = await values(ourPrologue, probes, target, includes);
  const theirs = await values(theirPrologue, probes, target, [...version, '-I', work]);
  if (ours.size < probes.length) throw new CommandError(`only ${ours.size} of ${probes.length} probes have a value`);
  return [...ours].map(([name, value]) => ({ target, name, ours: value, theirs: theirs.get(name) }));
}

function probe(name, expression) {
  return `const unsigned long long probe_${name} = (unsigned long long)(${expression});`;
}

/** The value of each probe, as the compiler's intermediate code has it. */
async function values(prologue, probes, target, flags) {
  const source = mkdtempSync(join(tmpdir(), 'netflow-probe-'));
  try {
    const file = join(source, 'probe.c');
    writeFileSync(file, `${prologue}\n${probes.join('\n')}\n`);
    const options = ['-fms-extensions', '-w', '-O1', '-S', '-emit-llvm', '-o', '-'];
    const text = await run('clang', [`--target=${target}`, ...options, ...flags, '-I', mingw, file]);
    const lines = text.matchAll(
      /^@(?:probe_)?(\w+) = .*?constant (?:i64 (-?\d+)|%struct\._GUID (\{ .*? \}|zeroinitializer))/gm,
    );
    return new Map([...lines].map(([, name, number, key]) => [name, number ?? key]));
  } finally {
    rmSync(source, { recursive: true });
  }
}
