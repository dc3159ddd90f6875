// Writes PowerShell's XML about the records: how it shows them.

const widths = { id: 7, bytes: 7, speed: 9, limit: 10, count: 5, boolean: 5 };

const formats = {
  bytes: (value) => `[NetFlow.Units]::FormatBytes(${value})`,
  speed: (value) => `[NetFlow.Units]::FormatSpeed(${value})`,
  limit: (value) => `[NetFlow.Units]::FormatRate(${value})`,
  duration: (value) => `'{0:n0} ms' -f ${value}`,
};

/** NetFlow.format.ps1xml. */
export function formatXml(records, origin) {
  const views = records.flatMap((record) => record.views.map((view) => (view === 'table' ? table : list)(record)));
  return file(origin, 'How objects are shown; their properties are plain numbers.', [
    element('Configuration', element('ViewDefinitions', ...views)),
  ]);
}

function table({ type, fields, wrap, groupBy }) {
  const columns = columnsOf(fields);
  const items = columns.map((field) => element('TableColumnItem', valueOf(field)));
  const row = [...(wrap ? [element('Wrap')] : []), element('TableColumnItems', ...items)];
  return view(
    type,
    type,
    ...(groupBy ? [element('GroupBy', element('PropertyName', groupBy))] : []),
    element(
      'TableControl',
      element('TableHeaders', ...columns.map(header)),
      element('TableRowEntries', element('TableRowEntry', ...row)),
    ),
  );
}

// A path is as wide as what is left of the line, so it comes last.
function columnsOf(fields) {
  const columns = fields.filter(({ column }) => column >= 0).toSorted((a, b) => a.column - b.column);
  return [...columns.filter(({ kind }) => kind !== 'path'), ...columns.filter(({ kind }) => kind === 'path')];
}

function header({ kind, heading, width, alignRight }) {
  const columns = width ?? (kind in widths ? Math.max(widths[kind], heading.length) : undefined);
  return element(
    'TableColumnHeader',
    element('Label', heading),
    ...(columns ? [element('Width', String(columns))] : []),
    ...(alignRight ? [element('Alignment', 'Right')] : []),
  );
}

function list({ type, fields }) {
  const items = fields.map((field) => element('ListItem', element('Label', field.property), valueOf(field)));
  return view(
    type,
    `${type}List`,
    element('ListControl', element('ListEntries', element('ListEntry', element('ListItems', ...items)))),
  );
}

function view(type, name, ...parts) {
  return element(
    'View',
    element('Name', name),
    element('ViewSelectedBy', element('TypeName', `NetFlow.${type}`)),
    ...parts,
  );
}

function valueOf({ kind, property, script }) {
  const text = script ?? formats[kind]?.(`$_.${property}`);
  return text ? element('ScriptBlock', text) : element('PropertyName', property);
}

/** An element as lines. It has a text, or other elements, or nothing. */
function element(name, ...content) {
  if (content.length === 0) return [`<${name} />`];
  if (typeof content[0] === 'string') return [`<${name}>${escapeXml(content[0])}</${name}>`];
  return [`<${name}>`, ...content.flat().map((line) => `  ${line}`), `</${name}>`];
}

/** A text as XML has it. */
export function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function file(origin, about, elements) {
  const comments = [origin, about].map((text) => `<!-- ${text} -->`);
  return ['<?xml version="1.0" encoding="utf-8"?>', ...comments, ...elements.flat(), ''].join('\n');
}
