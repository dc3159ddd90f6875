// apt with one release of Debian as its only source, and with folders of its own: what it fetches is unpacked, not installed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, findProgram, run } from './command.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** For work in a folder that is made anew; the packages of `apt-get download` are then in its folder `packages`. */
export async function ownApt(release, work) {
  if (!findProgram('apt-get')) throw new CommandError('Debian’s packages are fetched by apt-get, which is not here');
  rmSync(work, { recursive: true, force: true });
  for (const name of ['lists/partial', 'cache/archives/partial', 'packages', 'content'])
    mkdirSync(join(work, name), { recursive: true });
  const list = join(work, 'sources.list');
  writeFileSync(list, `deb [signed-by=${keyring}] ${await mirror()} ${release} main\n`);
  const nothingInstalled = join(work, 'status');
  writeFileSync(nothingInstalled, '');
  const options = {
    'Dir::Etc::SourceList': list,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::State::Status': nothingInstalled,
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Debug::NoLocking': 'true',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (program, ...args) => run(program, [...flags, ...args], { cwd: join(work, 'packages') });
  await apt('apt-get', 'update', '-q');
  return apt;
}

/** The one that this machine uses. */
async function mirror() {
  const format = ['--format', '$(SITE) $(CODENAME)', 'Created-By: Packages'];
  const site = /^(\S+) \w+$/m.exec(await run('apt-get', ['indextargets', ...format]))?.[1];
  if (!site) throw new CommandError('apt-get names no mirror of Debian');
  return site;
}
