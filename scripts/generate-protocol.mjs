// Makes the TypeScript of what C and TypeScript have to agree on:
//
//   driver/protocol.h                            core/driver/protocol.generated.ts
//   driver/linux/layout.h, and the names of
//   the eBPF programs and maps                   core/driver/linux/layout.generated.ts
//
//   node scripts/generate-protocol.mjs           write them
//   node scripts/generate-protocol.mjs --check   fail where a committed file is another one
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programsAndMaps } from './support/bpf-source.mjs';
import { declarations, evaluate, flatten, macroTexts } from './support/c-header.mjs';
import { CommandError, main } from './support/command.mjs';
import { root } from './support/project.mjs';

const again = 'node scripts/generate-protocol.mjs';
const protocol = 'driver/protocol.h';
const layout = 'driver/linux/layout.h';

await main('generate-protocol', async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  const files = {
    'core/driver/protocol.generated.ts': [protocol, generate(protocol, 'protocol')],
    'core/driver/linux/layout.generated.ts': [layout, [...generate(layout, 'layout', protocol), ...(await names())]],
  };
  for (const [output, [header, lines]] of Object.entries(files)) {
    const source = [`// Generated from ${header}. Do not edit; run: ${again}`, '', ...lines.slice(0, -1), ''].join(
      '\n',
    );
    if (!values.check) writeFileSync(join(root, output), source);
    else if (readFileSync(join(root, output), 'utf8').replaceAll('\r\n', '\n') !== source) {
      throw new CommandError(`${output} is not what ${header} makes; run: ${again}`);
    }
  }
});

/** The constants, enums and layouts of a header, without those of the one that it includes. */
function generate(header, name, included) {
  const own = declared(join(root, header));
  const others = included ? declared(join(root, included)) : { macros: {}, enums: [], structs: [] };
  const isOwn = (kind) => (each) => !others[kind].some((other) => other.name === each.name);
  const macros = Object.entries(own.macros).filter(([macro]) => !(macro in others.macros));
  const enums = own.enums.filter(isOwn('enums'));
  const structs = own.structs.filter(isOwn('structs')).map((struct) => ({
    name: struct.name,
    fields: flatten(struct.fields, own.structs),
  }));
  const numbers = macros.flatMap(([macro, text]) => (text.includes('"') ? [] : [macro]));
  const value = evaluate(join(root, header), [
    ...numbers,
    ...enums.flatMap(({ constants }) => constants),
    ...structs.flatMap((struct) => [`sizeof(struct ${struct.name})`, ...struct.fields.flatMap(questions(struct.name))]),
  ]);
  return [
    ...constant(name, 'The #define constants.', [
      ...numbers.map((macro) => [camelCase(words(macro).slice(1)), value(macro)]),
      ...macros.flatMap(([macro, text]) =>
        text.includes('"') ? [[camelCase(words(macro).slice(1)), stringLiteral(text)]] : [],
      ),
    ]),
    ...enums.flatMap((each) => enumConstant(each, value)),
    ...structs.flatMap((struct) => structConstant(struct, value)),
  ];
}

function declared(header) {
  return { macros: macroTexts(header), ...declarations(header) };
}

/** Returns the programs, their hooks and the maps, so that TypeScript doesn't compile after one of them is renamed. */
async function names() {
  const { programs, maps } = await programsAndMaps();
  return [
    ...constant(
      'programs',
      'The eBPF programs, and what each is attached to.',
      programs.map(([name, section]) => [name, `'${section}'`]),
    ),
    'export type ProgramName = keyof typeof programs;',
    '',
    '/** The maps, as libbpf names them. */',
    'export type MapName =',
    ...maps.toSorted().map((name, index) => `  | '${name}'${index === maps.length - 1 ? ';' : ''}`),
    '',
  ];
}

function enumConstant({ name, constants }, value) {
  const shared = sharedWords(constants);
  return constant(
    camelCase(words(name).slice(1)),
    `enum ${name}.`,
    constants.map((each) => [camelCase(words(each).slice(shared)), value(each)]),
  );
}

function structConstant({ name, fields }, value) {
  return constant(
    `${camelCase(words(name).slice(1))}Layout`,
    `struct ${name}: its size, and where each field starts.`,
    [
      ['size', value(`sizeof(struct ${name})`)],
      ...fields.map((field) => {
        const offsets = offsetsOf(name, field).map(value);
        return [fieldName(name, field.name), field.count === null ? offsets[0] : `[${offsets.join(', ')}]`];
      }),
    ],
  );
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

/** A field's size as well, so that one that is larger on another ABI is found even where nothing moves. */
function questions(struct) {
  return (field) => [...offsetsOf(struct, field), `sizeof(((struct ${struct} *)0)->${field.name})`];
}

/** Returns the offset of a field, or of each element of an array. */
function offsetsOf(struct, { name, count }) {
  const places = count === null ? [name] : Array.from({ length: count }, (_, index) => `${name}[${index}]`);
  return places.map((place) => `offsetof(struct ${struct}, ${place})`);
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
