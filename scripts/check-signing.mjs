// Signs each build of the Windows driver with a certificate that is made for this and thrown away, and verifies it, as
// somebody does who tries the driver out (docs/windows.md): what is signed is accepted, and one changed byte of it is
// not.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, main, run } from './support/command.mjs';
import { root } from './support/project.mjs';

await main('check-signing', async () => {
  await run(process.execPath, ['scripts/build-wfp.mjs'], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'netflow-signing-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    await makeCertificate(key, certificate);
    const drivers = join(root, 'dist/driver/windows');
    for (const file of readdirSync(drivers)) await checkSigning(join(drivers, file), { folder, key, certificate });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function checkSigning(driver, { folder, key, certificate }) {
  const [signed, changed] = [join(folder, 'signed.sys'), join(folder, 'changed.sys')];
  const signature = ['-certs', certificate, '-key', key, '-h', 'sha256'];
  await run('osslsigncode', ['sign', ...signature, '-in', driver, '-out', signed]);
  if (!(await isAccepted(signed, certificate))) throw new CommandError(`${driver}: what was signed is not accepted`);
  changeByte(signed, changed);
  if (await isAccepted(changed, certificate)) throw new CommandError(`${driver}: what was changed is accepted`);
  rmSync(signed);
}

function makeCertificate(key, certificate) {
  const purpose = ['-addext', 'extendedKeyUsage=codeSigning', '-subj', '/CN=NetFlow test', '-days', '2'];
  return run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    ...purpose,
  ]);
}

async function isAccepted(file, certificate) {
  try {
    await run('osslsigncode', ['verify', '-CAfile', certificate, '-in', file]);
    return true;
  } catch {
    return false;
  }
}

/** Somewhere in the code. */
function changeByte(from, to) {
  const bytes = readFileSync(from);
  bytes[0x1000] ^= 1;
  writeFileSync(to, bytes);
}
