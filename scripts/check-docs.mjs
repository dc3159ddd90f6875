// Holds the documentation against the program, both ways: every command has its page in docs/commands and every page
// its command, with the options that --help names and no others, and with the fields of its JSON; and every relative link
// leads to a file.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as tables from '../dist/core/fields.js';
import { CommandError, main } from './support/command.mjs';
import { commandLine, root } from './support/project.mjs';

const pages = join(root, 'docs/commands');

const fields = {
  list: tables.processFields,
  connections: tables.connectionFields,
  measure: tables.measurementFields,
  limit: tables.limitFields,
  driver: [...tables.driverFields, ...tables.requirementFields],
};

await main('check-docs', () => {
  const commands = [...help().matchAll(/^ {2}netflow ([a-z]+)/gm)].map(([, name]) => name);
  if (commands.length === 0) throw new CommandError('`netflow --help` names no command');
  const documented = readdirSync(pages).map((file) => file.replace(/\.md$/, ''));
  const problems = [
    ...difference(commands, documented).map((name) => `docs/commands/${name}.md is missing`),
    ...difference(documented, commands).map((name) => `docs/commands/${name}.md is about no command`),
    ...commands.filter((name) => documented.includes(name)).flatMap(optionProblems),
    ...Object.keys(fields).flatMap(fieldProblems),
    ...markdownFiles().flatMap(brokenLinks),
  ];
  if (problems.length > 0) throw new CommandError(`${problems.length} to fix`, { output: problems.join('\n') });
});

function optionProblems(command) {
  const page = help(command);
  const parts = [...page.matchAll(/^ {2}netflow [a-z]+ ([a-z]+)/gm)].map(([, name]) => help(command, name));
  const offered = optionsIn([page, ...parts].join('\n'), /^ +(?:-\w, )?(--[a-z-]+(?: [A-Z]+)?)/gm);
  const described = optionsIn(readFileSync(join(pages, `${command}.md`), 'utf8'), /^\| `(--[a-z-]+(?: [A-Z]+)?)/gm);
  return [
    ...difference(offered, described).map((option) => `docs/commands/${command}.md does not describe ${option}`),
    ...difference(described, offered).map((option) => `docs/commands/${command}.md describes ${option}, which is none`),
  ];
}

/** A page lists its fields in the first column of a table, or in a sentence, where brackets have what isn't a field. */
function fieldProblems(command) {
  const page = readFileSync(join(pages, `${command}.md`), 'utf8').replaceAll(/\([^)]*\)/g, '');
  const [listed = ''] = /(?:^Fields|^\| field|\bJSON\b.* has)[^]*?(?:\n\n|:\n)/m.exec(page) ?? [];
  const cells = listed.replaceAll(/^(\|[^|]*\|).*$/gm, '$1');
  const described = [...cells.matchAll(/`(\w+)`/g)].map(([, name]) => name).join(', ');
  const expected = fields[command].map(({ name }) => name).join(', ');
  return described === expected ? [] : [`docs/commands/${command}.md has the fields ${described}, not ${expected}`];
}

function optionsIn(text, pattern) {
  const options = [...text.matchAll(pattern)].map(([, option]) => option);
  return [...new Set(options)].filter((option) => option !== '--help' && option !== '--version');
}

function brokenLinks(file) {
  const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(file), link)))
    .map((link) => `${relative(root, file)} links to ${link}, which is not there`);
}

function markdownFiles() {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => join('docs', name));
  return [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md')).map((name) => join(root, name));
}

function help(...command) {
  const environment = { ...process.env, COLUMNS: '200' };
  return execFileSync(process.execPath, [commandLine, ...command, '--help'], { encoding: 'utf8', env: environment });
}

function difference(some, others) {
  return some.filter((each) => !others.includes(each));
}
