// C# classes of the records, each with the method that makes one from a row of the host's answer.
import { escapeXml } from './ps1xml.mjs';

const typesOfKind = {
  id: 'int',
  text: 'string',
  path: 'string',
  time: 'DateTime',
  boolean: 'bool',
};

// The methods of class Table that read a cell.
const readers = {
  int: 'table.Int',
  long: 'table.Long',
  bool: 'table.Boolean',
  DateTime: 'table.Time',
  'int?': '(int?)table.LongOrNull',
  'long?': 'table.LongOrNull',
  'DateTime?': 'table.TimeOrNull',
  'string?': 'table.Text',
};

/** Returns a file with every class. */
export function csharpSource(records, origin) {
  const classes = records.map((record) => classLines(record)).map((lines) => lines.map(indent).join('\n'));
  return `// ${origin}
#nullable enable
using System;

namespace NetFlow
{
${classes.join('\n\n')}
}
`;
}

function classLines({ type, summary, fields, rows }) {
  const properties = fields.flatMap((field) => [...summaryLines(field.about), propertyLine(field), '']);
  const read = rows.map((name, index) => {
    const field = fields.find(({ property }) => property === name);
    return `    ${name} = ${readers[typeOf(field)]}(row, ${index}),`;
  });
  return [
    ...summaryLines(summary),
    `public sealed partial class ${type}`,
    '{',
    ...properties.map(indent),
    ...[`internal static ${type} Read(Table table, int row) => new ${type}`, '{', ...read, '};'].map(indent),
    '}',
  ];
}

function propertyLine(field) {
  const type = typeOf(field);
  const empty = type.endsWith('[]') ? ` = Array.Empty<${type.slice(0, -2)}>();` : '';
  return `public ${type} ${field.property} { get; set; }${empty}`;
}

// A text is nullable, since it is null until it is set.
function typeOf({ kind, type, nullable }) {
  if (type) return type;
  const plain = typesOfKind[kind] ?? 'long';
  return nullable || plain === 'string' ? `${plain}?` : plain;
}

function summaryLines(text) {
  return text ? [`/// <summary>${escapeXml(text)}</summary>`] : [];
}

function indent(line) {
  return line && `    ${line}`;
}
