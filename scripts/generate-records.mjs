// Makes PowerShell's records, with their decoding, and its views of them from core/records.ts and core/fields.ts; and
// the numbers of its messages from psmodule/bridge/wire.ts, and the rates that it completes from core/rate-examples.ts.
//
//   node scripts/generate-records.mjs            write them
//   node scripts/generate-records.mjs --check    fail if a committed file is another one
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main } from './support/command.mjs';
import { root } from './support/project.mjs';
import { csharpSource } from './support/records/csharp.mjs';
import { messagesSource } from './support/records/messages.mjs';
import { formatXml } from './support/records/ps1xml.mjs';
import { ratesSource } from './support/records/rates.mjs';
import { importTypeScript, readRecords } from './support/records/read.mjs';

const fields = 'core/fields.ts';
const wire = 'psmodule/bridge/wire.ts';
const rates = 'core/rate-examples.ts';

const outputs = {
  'psmodule/bridge/client/Records.generated.cs': [fields, csharpSource],
  'psmodule/bridge/client/Messages.generated.cs': [wire, messagesSource],
  'psmodule/bridge/client/RateExamples.generated.cs': [rates, ratesSource],
  'psmodule/NetFlow.format.ps1xml': [fields, formatXml],
};

await main('generate-records', async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  const contents = { [fields]: await readRecords() };
  for (const file of [wire, rates]) contents[file] = await importTypeScript(file);
  for (const [file, [origin, sourceOf]] of Object.entries(outputs)) {
    const source = sourceOf(
      contents[origin],
      `Generated from ${origin}. Do not edit; run: node scripts/generate-records.mjs`,
    );
    if (!values.check) writeFileSync(join(root, file), source);
    else if (current(file) !== source) {
      throw new CommandError(`${file} is not what ${origin} makes; run: node scripts/generate-records.mjs`);
    }
  }
});

function current(file) {
  return readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
}
