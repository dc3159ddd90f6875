// Reads a C header's declarations by clang, and their values on every ABI that a driver or a program is built for: a
// record that is padded differently on one of them would be misread without an error.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CommandError } from './command.mjs';

// i386 on Linux aligns 64-bit integers to 4 bytes, all others to 8: it finds what is not padded by hand.
const abis = {
  'x86-64': 'x86_64-linux-gnu',
  i386: 'i386-linux-gnu',
  BPF: 'bpf',
  'x86-64 Windows': 'x86_64-windows-gnu',
  'i686 Windows': 'i686-windows-gnu',
};

/** Structs with their fields and enums with their constants, in the header's order. */
export function declarations(header) {
  const tree = JSON.parse(clang(abis['x86-64'], ['-x', 'c', '-fsyntax-only', '-Xclang', '-ast-dump=json', header]));
  const ours = tree.inner.filter(({ name, inner }) => name?.startsWith('netflow_') && inner);
  return {
    structs: ours
      .filter(({ kind }) => kind === 'RecordDecl')
      .map(({ name, inner }) => ({
        name,
        fields: inner
          .filter(({ kind }) => kind === 'FieldDecl')
          .map((field) => ({ name: field.name, ...elements(field.type.qualType) })),
      })),
    enums: ours
      .filter(({ kind }) => kind === 'EnumDecl')
      .map(({ name, inner }) => ({
        name,
        constants: inner.filter(({ kind }) => kind === 'EnumConstantDecl').map((each) => each.name),
      })),
  };
}

/** An array of numbers has as many offsets; one of bytes, such as an address or a name, is read as a whole. */
function elements(text) {
  const [, type = text, count] = /^(.*?) ?\[(\d+)\]$/.exec(text) ?? [];
  return { type, count: count === undefined || /^(char|u?int8_t)$/.test(type) ? null : Number(count) };
}

/** Each object-like NETFLOW_ macro with its expanded text. */
export function macroTexts(header) {
  const names = [
    ...clang(abis['x86-64'], ['-x', 'c', '-E', '-dM', header]).matchAll(/^#define (NETFLOW_\w+) \S/gm),
  ].map(([, name]) => name);
  const inOrder = readFileSync(header, 'utf8');
  names.sort((a, b) => inOrder.indexOf(`#define ${a} `) - inOrder.indexOf(`#define ${b} `));

  // A line for each, after a mark that no header has: what the preprocessor makes of it.
  const mark = '@@expanded';
  const question = [`#include "${header}"`, mark, ...names.flatMap((name) => [name, mark])].join('\n');
  const texts = clang(abis['x86-64'], ['-x', 'c', '-E', '-P', '-'], question).split(mark).slice(1, -1);
  return Object.fromEntries(names.map((name, index) => [name, texts[index].trim()]));
}

/** Fields of nested structs stand as `outer.inner`. */
export function flatten(fields, structs) {
  return fields.flatMap(({ name, type, count }) => {
    const nested = structs.find((struct) => type === `struct ${struct.name}`);
    if (!nested) return [{ name, count }];
    return flatten(nested.fields, structs).map((inner) => ({ ...inner, name: `${name}.${inner.name}` }));
  });
}

/** Looks up what the compiler says of an expression; all ABIs must say the same. */
export function evaluate(header, expressions) {
  const program = [
    `#include "${header}"`,
    'const unsigned long long netflow_values[] = {',
    ...expressions.map((expression) => `(unsigned long long)(${expression}),`),
    '};',
  ].join('\n');
  const [[firstAbi, expected], ...others] = Object.entries(abis).map(([abi, target]) => [
    abi,
    constantArray(clang(target, ['-x', 'c', '-S', '-emit-llvm', '-o', '-', '-'], program), expressions.length),
  ]);

  for (const [abi, found] of others) {
    const different = expressions.findIndex((_, index) => found[index] !== expected[index]);
    if (different >= 0) {
      throw new CommandError(
        `${expressions[different]} is ${expected[different]} on ${firstAbi}, but ${found[different]} on ${abi}`,
      );
    }
  }
  const byExpression = new Map(expressions.map((expression, index) => [expression, expected[index]]));
  return (expression) => byExpression.get(expression);
}

function constantArray(assembly, length) {
  const text = /@netflow_values = .*?\[\d+ x i64\] \[(.*?)\]/.exec(assembly)?.[1] ?? '';
  const values = text.split(',').map((each) => each.trim().replace(/^i64 /, ''));
  if (values.length !== length) {
    throw new CommandError(`clang printed ${values.length} values, not the ${length} it was asked for`);
  }
  return values;
}

/** Freestanding and without the system's headers, since none is there for most of the targets. */
function clang(target, options, input) {
  const command = process.env.CLANG ?? 'clang';
  const result = spawnSync(
    command,
    [`--target=${target}`, '-ffreestanding', '-nostdlibinc', '-Wall', '-Werror', ...options],
    {
      input: input ?? '',
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (result.error) {
    throw new CommandError(`cannot run ${command} (${result.error.code}); install clang or name it in CLANG`);
  }
  if (result.status !== 0) {
    const reason = result.stderr.split('\n').find((line) => line.includes('error:')) ?? result.stderr.trim();
    throw new CommandError(`clang for ${target} refused: ${reason}`);
  }
  return result.stdout;
}
