import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanUp } from '../support/cleanup.js';
import { ended, hasProgram, runNow } from '../support/commands.js';
import { skipWithout } from '../support/machine.js';
import { truthOf } from './support/exchange.js';
import { asRoot } from './support/netflow.js';
import { nginxConfiguration } from './support/nginx.js';
import { temporaryFolder } from '../support/paths.js';
import type { Peer } from './support/peer.js';
import { freePort, passed, privateCopy, relayTo, runTo, serve, type Sides, trafficOfPath } from './support/relay.js';
import { traced, tracedTraffic } from './support/trace.js';
import { readTraffic } from './support/traffic.js';

const fileSize = 5_000_011;

describe('programs that people use are counted to the byte', () => {
  let folder = '';

  asRoot();
  beforeEach(() => {
    folder = realpathSync(temporaryFolder());
  });

  /** Skips where a program is not installed; otherwise copies each to the test's folder. */
  async function programs(context: Mocha.Context, ...names: readonly string[]): Promise<string[]> {
    const missing = names.filter((name) => !hasProgram(name));
    if (missing.length > 0) skipWithout(context, `${missing.join(' and ')} not installed`);
    return await Promise.all(names.map((name) => privateCopy(folder, name)));
  }

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** Holds that both sides, and the relay itself, have what the relay saw. */
  async function assertSides(relay: Peer, clientPath: string, serverPath: string): Promise<Sides> {
    const expected = await passed(relay);
    const said = { client: await trafficOfPath(clientPath), server: await trafficOfPath(serverPath) };
    assert.deepEqual(said, expected);
    assert.deepEqual((await readTraffic([relay.pid])).processes, [truthOf(relay)]);
    await relay.end();
    return expected;
  }

  it('curl and nginx, down and up', async function () {
    const [curl = '', nginx = ''] = await programs(this, 'curl', 'nginx');
    const payload = file('www/payload', Buffer.alloc(fileSize, 'x'));
    const serverPort = await freePort();
    const configuration = file('nginx.conf', nginxConfiguration(folder, serverPort));
    await serve(serverPort, [nginx, '-p', folder, '-c', configuration]);
    const { relay, port } = await relayTo('tcp', serverPort);
    const url = `http://127.0.0.1:${port}`;
    const format = '%{size_request} %{size_upload} %{size_header} %{size_download}\n';
    const common = ['--silent', '--show-error', '--fail', '--write-out', format, '--output', join(folder, 'out')];

    const texts = [
      await runTo([curl, ...common, `${url}/payload`]),
      await runTo([curl, ...common, '--header', 'Expect:', '--upload-file', payload, `${url}/uploaded`]),
    ];
    const sizes = texts.map((text) => text.split(' ').map(Number));
    const own = {
      upload: sizes.reduce((bytes, [request = 0, upload = 0]) => bytes + request + upload, 0),
      download: sizes.reduce((bytes, [, , header = 0, download = 0]) => bytes + header + download, 0),
    };
    assert.ok(own.upload > fileSize && own.download > fileSize);
    const { client } = await assertSides(relay, curl, nginx);
    assert.deepEqual(client, own);
  });

  it('rsync over ssh, which has the bytes, and sshd', async function () {
    const [rsync = '', ssh = '', sshd = ''] = await programs(this, 'rsync', 'ssh', 'sshd');
    const serverPort = await freePort();
    const configuration = file('sshd_config', sshdConfiguration(folder, serverPort));
    for (const key of ['host', 'user']) runNow('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key));
    runNow('cp', join(folder, 'user.pub'), join(folder, 'authorized'));
    makeSeparationFolder();
    await serve(serverPort, [sshd, '-D', '-e', '-f', configuration]);
    const { relay, port } = await relayTo('tcp', serverPort);
    file('source/payload', Buffer.alloc(fileSize, 'y'));
    const shell = `${ssh} -F /dev/null -p ${port} -i ${folder}/user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
    await runTo([rsync, '--archive', '--rsh', shell, `${folder}/source/`, `root@127.0.0.1:${folder}/pushed/`]);
    await runTo([rsync, '--archive', '--rsh', shell, `root@127.0.0.1:${folder}/source/`, `${folder}/pulled/`]);
    const { client } = await assertSides(relay, ssh, sshd);
    assert.ok(client.upload > fileSize && client.download > fileSize);
    assert.deepEqual(await trafficOfPath(rsync), { upload: 0, download: 0 });
  });

  /* iperf3 closes with bytes unread, so that no relay knows what its server took. strace does. */
  for (const [name, options] of [
    ['up', []],
    ['down', ['--reverse']],
    ['both ways on four connections', ['--bidir', '--parallel', '4']],
    ['by UDP', ['--udp', '--bitrate', '400M']],
  ] as const) {
    it(`iperf3, ${name}`, async function () {
      if (!hasProgram('strace')) skipWithout(this, 'strace not installed');
      const [client = ''] = await programs(this, 'iperf3');
      mkdirSync(join(folder, 'server'));
      const server = await privateCopy(join(folder, 'server'), 'iperf3');
      const port = String(await freePort());
      const traces = { client: join(folder, 'client-trace'), server: join(folder, 'server-trace') };
      const serving = traced(traces.server, server, '--server', '--one-off', '--bind', '127.0.0.1', '--port', port);
      const running = await serve(Number(port), serving);
      const sending = ['--client', '127.0.0.1', '--port', port, '--bytes', '20M', ...options];
      await runTo(traced(traces.client, client, ...sending));
      await ended(running);
      const expected = { client: tracedTraffic(traces.client), server: tracedTraffic(traces.server) };
      assert.ok(expected.client.upload + expected.client.download > 20_000_000);
      const said = { client: await trafficOfPath(client), server: await trafficOfPath(server) };
      assert.deepEqual(said, expected);
    });
  }

  for (const protocol of ['udp', 'tcp'] as const) {
    it(`dig and dnsmasq over ${protocol.toUpperCase()}`, async function () {
      const [dig = '', dnsmasq = ''] = await programs(this, 'dig', 'dnsmasq');
      const serverPort = await freePort();
      await serve(serverPort, [dnsmasq, ...dnsmasqOptions(serverPort)]);
      const { relay, port } = await relayTo(protocol, serverPort);
      const options = [`+${protocol === 'tcp' ? '' : 'no'}tcp`, '+tries=1', '+short'];
      for (const [record, type] of [
        ['host.test', 'A'],
        ['text.test', 'TXT'],
        ['none.test', 'AAAA'],
      ] as const) {
        await runTo([dig, '@127.0.0.1', '-p', String(port), record, type, ...options]);
      }
      const { server } = await assertSides(relay, dig, dnsmasq);
      assert.ok(server.upload > 200);
    });
  }
});

function sshdConfiguration(folder: string, port: number): string {
  return `
ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized
PidFile none
StrictModes no
PermitRootLogin yes
UsePAM yes
UseDNS no
PrintMotd no`;
}

function dnsmasqOptions(port: number): string[] {
  const files = ['--conf-file=/dev/null', '--pid-file', '--no-resolv', '--no-hosts', '--user=root'];
  const place = ['--keep-in-foreground', `--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces'];
  return [...files, ...place, '--address=/host.test/192.0.2.1', `--txt-record=text.test,${'t'.repeat(200)}`];
}

/** sshd insists on it; a machine where it never ran as a service has none. */
function makeSeparationFolder(): void {
  const made = mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  if (made !== undefined) onCleanUp(() => rmdirSync(made));
}
