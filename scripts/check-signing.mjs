// Signs the Windows driver with a certificate that is made for this and thrown away, and verifies it, as somebody does
// who tries the driver out (docs/windows.md): what is signed is accepted, and one changed byte of it is not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, main, run } from './support/command.mjs';
import { root } from './support/project.mjs';

await main('check-signing', async () => {
  await run(process.execPath, ['scripts/build-wfp.mjs'], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'netflow-signing-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const [signed, changed] = [join(folder, 'netflow.sys'), join(folder, 'changed.sys')];
    await makeCertificate(key, certificate);
    const driver = join(root, 'dist/driver/windows/netflow.sys');
    await run('osslsigncode', [
      'sign',
      '-certs',
      certificate,
      '-key',
      key,
      '-h',
      'sha256',
      '-in',
      driver,
      '-out',
      signed,
    ]);
    if (!(await isAccepted(signed, certificate))) throw new CommandError('what was signed is not accepted');
    changeByte(signed, changed);
    if (await isAccepted(changed, certificate)) throw new CommandError('what was changed is accepted');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

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
