// Starts a program that scripts/build-typescript.mjs has bundled into one file.
import { readFileSync } from 'fs';
import { createRequire } from 'module';
import { fileURLToPath } from 'url';
import { Script } from 'vm';

/** Calls the program's `main` with the arguments. */
export function startBundle(url, args) {
  const program = fileURLToPath(url);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`NetFlow requires Node.js 22 or 24, and this is ${process.version}`);
    return;
  }
  const source = read(program, 'utf8');
  // eslint-disable-next-line no-restricted-syntax -- whoever sees this has a checkout
  if (source === undefined) fail('NetFlow is not built here: run `npm run build`');
  else load(program, source).main(args);
}

// V8 reads the compiled code from the build's cache, and compiles as always if another Node.js wrote that.
function load(program, source) {
  const wrapped = `(function (exports, require, module, __filename) {${source}\n})`;
  const script = new Script(wrapped, { filename: program, cachedData: read(`${program}.cache`) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(program), module, program);
  return module.exports;
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
