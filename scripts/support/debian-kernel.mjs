// Kernels as Debian ships them, of any of its releases, whichever this machine runs: fetched by apt from the mirror that the
// machine uses, and unpacked, not installed.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, findProgram, run } from './command.mjs';
import { root } from './project.mjs';

const folder = join(root, 'dist/kernels');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const metapackage = 'linux-image-cloud-amd64';

/** The kernel of a release, as { image, modules }: a file, and the folder with its modules. */
export async function debianKernel(release) {
  const target = join(folder, release);
  if (!existsSync(target)) await fetchKernel(release, target);
  const modules = join(target, 'lib/modules');
  return { image: join(target, 'vmlinuz'), modules: join(modules, readdirSync(modules)[0]) };
}

async function fetchKernel(release, target) {
  const work = `${target}.new`;
  rmSync(work, { recursive: true, force: true });
  for (const name of ['lists/partial', 'cache/archives/partial', 'packages', 'content'])
    mkdirSync(join(work, name), { recursive: true });
  const apt = await ownApt(release, work);
  await apt('apt-get', 'update', '-q');
  const packages = await kernelPackages(apt);
  await apt('apt-get', 'download', ...packages);
  for (const file of readdirSync(join(work, 'packages')))
    await run('dpkg-deb', ['-x', join(work, 'packages', file), join(work, 'content')]);
  await placeKernel(join(work, 'content'), work);
  for (const name of ['lists', 'cache', 'packages', 'content']) rmSync(join(work, name), { recursive: true });
  renameSync(work, target);
}

/** apt with this release as its only source, and with folders of its own. */
async function ownApt(release, work) {
  if (!findProgram('apt-get')) throw new CommandError('Debian’s kernels are fetched by apt-get, which is not here');
  const format = ['--format', '$(SITE) $(CODENAME)', 'Created-By: Packages'];
  const targets = await run('apt-get', ['indextargets', ...format]);
  const site = /^(\S+) \w+$/m.exec(targets)?.[1];
  if (!site) throw new CommandError('apt-get names no mirror of Debian');
  const list = join(work, 'sources.list');
  writeFileSync(list, `deb [signed-by=${keyring}] ${site} ${release} main\n`);
  const options = {
    'Dir::Etc::SourceList': list,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (program, ...args) => run(program, [...flags, ...args], { cwd: join(work, 'packages') });
}

/** What the metapackage leads to: one package, or in later releases several. */
async function kernelPackages(apt) {
  const found = new Set();
  const waiting = [metapackage];
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const text = await apt('apt-cache', 'depends', '--no-recommends', '--no-suggests', name);
    for (const [, dependency] of text.matchAll(/Depends: (linux-(?:image|binary|modules)-\d\S*)/g)) {
      if (!found.has(dependency)) waiting.push(dependency);
      found.add(dependency);
    }
  }
  if (found.size === 0) throw new CommandError(`${metapackage} leads to no kernel`);
  return [...found];
}

/** Where it lies has changed from release to release. */
async function placeKernel(content, target) {
  const libraries = ['usr/lib/modules', 'lib/modules'].map((path) => join(content, path)).find(existsSync);
  const version = readdirSync(libraries)[0];
  const images = [join(content, 'boot', `vmlinuz-${version}`), join(libraries, version, 'vmlinuz')];
  copyFileSync(images.find(existsSync), join(target, 'vmlinuz'));
  mkdirSync(join(target, 'lib/modules'), { recursive: true });
  renameSync(join(libraries, version), join(target, 'lib/modules', version));
  await run('busybox', ['depmod', '-b', target, version]);
}
