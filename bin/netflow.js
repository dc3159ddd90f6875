#!/usr/bin/env node
// Starts the built program. Checked in, so that npm has something to link to before the first build.
import { readFileSync } from 'fs';
import { createRequire } from 'module';
import { fileURLToPath } from 'url';
import { Script } from 'vm';

const program = fileURLToPath(new URL('../dist/bin/netflow.bundle.cjs', import.meta.url));

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`NetFlow needs Node.js 20 or later, this is ${process.version}`);
} else {
  const source = read(program, 'utf8');
  if (source === undefined) fail('NetFlow is not built here: run `npm run build`');
  else start(source);
}

// V8 takes the compiled code from the cache that the build made, and compiles as always where that is of another Node.js.
function start(source) {
  const wrapped = `(function (exports, require, module, __filename) {${source}\n})`;
  const script = new Script(wrapped, { filename: program, cachedData: read(`${program}.cache`) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(program), module, program);
  module.exports.main(process.argv.slice(2));
}

function read(file, encoding) {
  try {
    return readFileSync(file, encoding);
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`netflow: ${message}\n`);
  process.exitCode = 1;
}
