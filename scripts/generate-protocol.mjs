// Makes core/driver/protocol.generated.ts from driver/protocol.h.
//
//   node scripts/generate-protocol.mjs                  write it
//   node scripts/generate-protocol.mjs --check          fail if the committed file is another one
//   node scripts/generate-protocol.mjs --header FILE    read another header (for tests)
//
// clang says which names the header declares and what each is worth, so that there
// is no C parser here. Every value is asked for on every ABI that a driver or a
// program is built for: a record that is padded differently on one of them would be
// misread without any error.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = resolve(root, 'core/driver/protocol.generated.ts');

// i386 on Linux aligns 64-bit integers to 4 bytes, all others to 8: it finds what is not padded by hand.
const abis = {
  'x86-64': 'x86_64-linux-gnu',
  i386: 'i386-linux-gnu',
  BPF: 'bpf',
  'x86-64 Windows': 'x86_64-windows-gnu',
  'i686 Windows': 'i686-windows-gnu',
};

try {
  main();
} catch (error) {
  console.error(`generate-protocol: ${error.message}`);
  process.exitCode = 1;
}

function main() {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, header: { type: 'string' } } });
  const source = generate(resolve(values.header ?? resolve(root, 'driver/protocol.h')));
  if (!values.check) {
    writeFileSync(output, source);
  } else if (readFileSync(output, 'utf8').replaceAll('\r\n', '\n') !== source) {
    throw new Error(
      `${relative(root, output)} is not what driver/protocol.h makes; run: node scripts/generate-protocol.mjs`,
    );
  }
}

function generate(header) {
  const declared = declarations(header);
  const macros = macroTexts(header);
  const strings = Object.entries(macros).filter(([, text]) => text.includes('"'));
  const numbers = Object.keys(macros).filter((name) => !macros[name].includes('"'));
  const members = declared.structs.map(({ name, fields }) => ({ name, fields: flatten(fields, declared.structs) }));

  const value = evaluate(header, [
    ...numbers,
    ...declared.enums.flatMap(({ constants }) => constants),
    ...members.flatMap(({ name, fields }) => [
      `sizeof(struct ${name})`,
      ...fields.flatMap((field) => [offsetOf(name, field), sizeOf(name, field)]),
    ]),
  ]);

  return [
    '// Generated from driver/protocol.h. Do not edit; run: node scripts/generate-protocol.mjs',
    '',
    ...constant('protocol', 'The #define constants.', [
      ...numbers.map((name) => [camelCase(words(name).slice(1)), value(name)]),
      ...strings.map(([name, text]) => [camelCase(words(name).slice(1)), stringLiteral(text)]),
    ]),
    ...declared.enums.flatMap(({ name, constants }) => {
      const shared = sharedWords(constants);
      return constant(
        camelCase(words(name).slice(1)),
        `enum ${name}.`,
        constants.map((each) => [camelCase(words(each).slice(shared)), value(each)]),
      );
    }),
    ...members.flatMap(({ name, fields }) => [
      ...constant(
        `${camelCase(words(name).slice(1))}Layout`,
        `struct ${name}: its size, and where each field starts.`,
        [
          ['size', value(`sizeof(struct ${name})`)],
          ...fields.map((field) => [fieldName(name, field), value(offsetOf(name, field))]),
        ],
      ),
    ]),
  ]
    .slice(0, -1)
    .join('\n')
    .concat('\n');
}

/** Structs with their fields and enums with their constants, in the header's order. */
function declarations(header) {
  const tree = JSON.parse(clang(abis['x86-64'], ['-x', 'c', '-fsyntax-only', '-Xclang', '-ast-dump=json', header]));
  const ours = tree.inner.filter(({ name, inner }) => name?.startsWith('netflow_') && inner);
  return {
    structs: ours
      .filter(({ kind }) => kind === 'RecordDecl')
      .map(({ name, inner }) => ({
        name,
        fields: inner
          .filter(({ kind }) => kind === 'FieldDecl')
          .map((field) => ({ name: field.name, type: field.type.qualType })),
      })),
    enums: ours
      .filter(({ kind }) => kind === 'EnumDecl')
      .map(({ name, inner }) => ({
        name,
        constants: inner.filter(({ kind }) => kind === 'EnumConstantDecl').map((each) => each.name),
      })),
  };
}

/** Each object-like NETFLOW_ macro with its expanded text. */
function macroTexts(header) {
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
function flatten(fields, structs) {
  return fields.flatMap(({ name, type }) => {
    const nested = structs.find((struct) => type === `struct ${struct.name}`);
    return nested ? flatten(nested.fields, structs).map((inner) => `${name}.${inner}`) : [name];
  });
}

/** Looks up what the compiler says of an expression; all ABIs must say the same. */
function evaluate(header, expressions) {
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
      throw new Error(
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
    throw new Error(`clang printed ${values.length} values, not the ${length} it was asked for`);
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
    throw new Error(`cannot run ${command} (${result.error.code}); install clang or name it in CLANG`);
  }
  if (result.status !== 0) {
    const reason = result.stderr.split('\n').find((line) => line.includes('error:')) ?? result.stderr.trim();
    throw new Error(`clang for ${target} refused: ${reason}`);
  }
  return result.stdout;
}

function constant(name, comment, properties) {
  return [
    `/** ${comment} */`,
    `export const ${name} = {`,
    ...properties.map(([key, value]) => `  ${key}: ${value},`),
    '} as const;',
    '',
  ];
}

/** A C string, wide or not, as TypeScript has it; the escapes used in the header are those of JSON as well. */
function stringLiteral(text) {
  const value = JSON.parse(text.replace(/^L/, ''));
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function offsetOf(struct, field) {
  return `offsetof(struct ${struct}, ${field})`;
}

function sizeOf(struct, field) {
  return `sizeof(((struct ${struct} *)0)->${field})`;
}

/** `size` is the struct's own, so that a field of that name has its struct's name in front. */
function fieldName(struct, field) {
  return camelCase(field === 'size' ? words(struct).slice(1).concat('size') : words(field));
}

function words(name) {
  return name.toLowerCase().split(/[_.]/);
}

function camelCase(parts) {
  return parts.map((word, index) => (index === 0 ? word : word[0].toUpperCase() + word.slice(1))).join('');
}

/** How many words all of the names start with. */
function sharedWords(names) {
  const [first, ...rest] = names.map(words);
  let count = 0;
  while (count < first.length - 1 && rest.every((each) => each[count] === first[count])) {
    count += 1;
  }
  return count;
}
