#!/usr/bin/env node
// Writes the manual to dist/man: a page for the program and one for each command. Their names and synopses are what
// --help says, the rest is what docs/ says. Where npm installs the package for the whole machine, man finds them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import markedMan from 'marked-man';
import { main } from './support/command.mjs';
import { commandLine, packageVersion, root } from './support/project.mjs';

const folder = join(root, 'dist/man');
const commands = readdirSync(join(root, 'docs/commands')).map((file) => file.replace(/\.md$/, ''));

await main('build-man', () => {
  markedMan.manVersion = `NetFlow ${packageVersion()}`;
  marked.use(markedMan, { breaks: false, manual: 'NetFlow' });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  write('netflow', description, { help: help(), page: 'docs/command-line.md' });
  for (const command of commands) {
    const text = help(command);
    write(`netflow-${command}`, text.split('\n\n')[1], { help: text, page: `docs/commands/${command}.md` });
  }
});

function write(name, about, { help, page }) {
  const others = ['netflow', ...commands.map((command) => `netflow-${command}`)].filter((other) => other !== name);
  const parts = [
    `# ${name}(1) -- ${about}`,
    `## SYNOPSIS\n\n${synopsisOf(help)}`,
    `## DESCRIPTION\n\n${bodyOf(page)}`,
    `## SEE ALSO\n\n${others.map((other) => `${other}(1)`).join(', ')}`,
  ];
  writeFileSync(join(folder, `${name}.1`), `${marked.parse(parts.join('\n\n'))}\n`);
}

/** The usage, or that of each of the commands that a command has. */
function synopsisOf(help) {
  const [usage, , ...sections] = help.split('\n\n');
  const parts = sections.filter((section) => section.startsWith('Commands:'));
  const lines = parts.flatMap((section) =>
    [...section.matchAll(/^ {2}(netflow \S.*?)(?: {2}|$)/gm)].map(([, line]) => line),
  );
  return (lines.length > 0 ? lines : [usage])
    .map((line) => `    ${line.replace(/^netflow [a-z]+(?: [a-z]+)?$/, '$& [OPTION]...')}`)
    .join('\n');
}

/** A page of the documentation as a terminal can show it: no links, and rows of a table as points of a list. */
function bodyOf(page) {
  return readFileSync(join(root, page), 'utf8')
    .replace(/^# .*\n/, '')
    .replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1')
    .replaceAll(/^\|.*\n\| *-.*\n((?:\|.*\n)+)/gm, (_, rows) =>
      rows.replaceAll(/^\| (.*?) *\| (.*?) *\|$/gm, '* $1:\n  $2'),
    );
}

function help(...command) {
  return execFileSync(process.execPath, [commandLine, ...command, '--help'], { encoding: 'utf8' });
}
