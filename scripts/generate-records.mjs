// Makes PowerShell's records, with their decoding, and its views of them from core/records.ts and core/fields.ts.
//
//   node scripts/generate-records.mjs            write them
//   node scripts/generate-records.mjs --check    fail if a committed file is another one
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main } from './support/command.mjs';
import { root } from './support/project.mjs';
import { csharpSource } from './support/records/csharp.mjs';
import { formatXml, typesXml } from './support/records/ps1xml.mjs';
import { readRecords } from './support/records/read.mjs';

const origin = 'Generated from core/fields.ts. Do not edit; run: node scripts/generate-records.mjs';

const outputs = {
  'psmodule/bridge/client/Records.generated.cs': csharpSource,
  'psmodule/NetFlow.types.ps1xml': typesXml,
  'psmodule/NetFlow.format.ps1xml': formatXml,
};

await main('generate-records', async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  const records = await readRecords();
  for (const [file, sourceOf] of Object.entries(outputs)) {
    const source = sourceOf(records, origin);
    if (!values.check) writeFileSync(join(root, file), source);
    else if (current(file) !== source) {
      throw new CommandError(`${file} is not what core/fields.ts makes; run: node scripts/generate-records.mjs`);
    }
  }
});

function current(file) {
  return readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
}
