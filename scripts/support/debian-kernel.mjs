// Kernels as Debian ships them, of any of its releases, whichever this machine runs: fetched by apt from the mirror that the
// machine uses, and unpacked, not installed.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, run } from './command.mjs';
import { ownApt } from './debian-apt.mjs';
import { root } from './project.mjs';

const folder = join(root, 'dist/kernels');
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
  const apt = await ownApt(release, work);
  await apt('apt-get', 'download', ...(await kernelPackages(apt)));
  for (const file of readdirSync(join(work, 'packages')))
    await run('dpkg-deb', ['-x', join(work, 'packages', file), join(work, 'content')]);
  await placeKernel(join(work, 'content'), work);
  for (const name of ['lists', 'cache', 'packages', 'content']) rmSync(join(work, name), { recursive: true });
  renameSync(work, target);
}

/** Returns the packages that the metapackage leads to: one, or in later releases several. */
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
