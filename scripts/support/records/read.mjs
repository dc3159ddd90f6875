// The records as their generators want them: core/fields.ts says how a field is shown, core/records.ts what it means and
// whether it can be null. Both are read as they stand, so that nothing has to be compiled first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { CommandError } from '../command.mjs';
import { root } from '../project.mjs';
import { headings, powershellRecords } from './powershell.mjs';

/** Every record of PowerShell, with its fields in their order. */
export async function readRecords() {
  const tables = await importTypeScript('core/fields.ts');
  const interfaces = readInterfaces('core/records.ts');
  return powershellRecords.map((record) => {
    const { summary, members } = interfaces.get(record.interface);
    checkOrder(record, tables[record.fields], members);
    return {
      summary,
      ...record,
      fields: tables[record.fields].map((field) => merge(record, field, members.get(field.name), tables)),
      rows: tables[record.rows ?? record.fields].filter(({ kind }) => kind !== 'records').map(tables.propertyName),
    };
  });
}

// The compiler holds the names against each other, and can't see an order.
function checkOrder(record, table, members) {
  const names = table.map(({ name }) => name).join(', ');
  const declared = [...members.keys()].join(', ');
  if (names === declared) return;
  throw new CommandError(`${record.fields} of core/fields.ts has not the order of ${record.interface}`, {
    output: `${record.fields}: ${names}\n${record.interface}: ${declared}`,
  });
}

function merge(record, field, member, { propertyName, isNumber }) {
  const { name, label, table } = field;
  return {
    ...field,
    ...member,
    about: record.about?.[name] ?? member.about,
    type: record.types?.[name],
    script: record.scripts?.[name],
    property: propertyName(field),
    heading: record.headings?.[name] ?? headings[label] ?? label,
    alignRight: isNumber(field.kind),
    column: record.columns ? record.columns.indexOf(name) : table ? 0 : -1,
  };
}

/** Returns the exports of a TypeScript file that imports no other. */
export async function importTypeScript(file) {
  const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/** Interfaces by their names: what each is, and its members, those of the interface that it extends last. */
function readInterfaces(file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const interfaces = new Map();
  for (const node of source.statements.filter(ts.isInterfaceDeclaration)) {
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText()));
    const own = node.members.map((member) => [member.name.getText(), readMember(member)]);
    const inherited = bases.flatMap((base) => [...interfaces.get(base).members]);
    interfaces.set(node.name.text, { summary: commentOf(node), members: new Map([...own, ...inherited]) });
  }
  return interfaces;
}

function readMember(member) {
  const parts = ts.isUnionTypeNode(member.type) ? member.type.types : [member.type];
  const texts = parts.map((part) => part.getText());
  return {
    nullable: texts.includes('null'),
    about: commentOf(member) ?? oneOf(texts.filter((text) => text.startsWith("'")).map((text) => text.slice(1, -1))),
  };
}

/** The values that a text can have, in words: C# has no type for them. */
function oneOf(values) {
  return values.length === 0 ? undefined : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}.`;
}

function commentOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  return comment && ts.getTextOfJSDocComment(comment.comment)?.replaceAll(/\s+/g, ' ').replaceAll('`', '');
}
