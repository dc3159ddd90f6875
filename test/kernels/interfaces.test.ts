import assert from 'node:assert/strict';
import { asRoot } from '../system/support/netflow.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNow, sleep } from '../support/commands.js';
import { inNamespace, joinNamespaces, networkNamespace } from '../system/support/environment.js';
import { applyRules, KB, startWithoutLimits } from '../system/support/limits.js';
import { temporaryFolder } from '../support/paths.js';
import { type Flow, highestRate, pumpAs, runFlow, steadyRate } from '../system/support/pump.js';

/** Low, since an emulated machine has to carry four such flows beside other suites. */
const rate = 200 * KB;

/** A packet on its way passes each of several interfaces, and must wait once. Waiting twice halves a rate. */
describe('a limit is kept once', function () {
  this.timeout(120_000);

  /** One for each flow: processes of one path would share its limit until the agent has come to part them. */
  const programs = { up: '', down: '', datagrams: '' };

  asRoot(async () => {
    await startWithoutLimits();
    for (const name of Object.keys(programs) as (keyof typeof programs)[]) programs[name] = pumpAs(name);
    await applyRules(Object.values(programs).map((program) => [program, String(rate), String(rate)]));
  });

  /** Far from half of the limit in the best two seconds, since an emulated machine may stand still, and not above it. */
  async function assertOnce([send, receive]: [string, string], address: string): Promise<void> {
    const flow = { namespaces: { send, receive }, address };
    await runFlow({ ...flow, warmUpMs: 0, measureMs: 100 }); // the first socket of a namespace tells the driver of it
    await sleep(1500);
    const cases: Flow[] = [
      { programs: { send: programs.up } },
      { programs: { receive: programs.down } },
      { programs: { send: programs.datagrams }, protocol: 'udp', bytes: 1000 },
    ];
    await Promise.all(
      cases.map(async (more) => {
        const { receive: received } = await runFlow({ ...flow, ...more, warmUpMs: 1500, measureMs: 4000 });
        const reached = steadyRate(received, { warmUpMs: 1500, measureMs: 3500 }) / rate;
        const best = highestRate(received, 2000) / rate;
        assert.ok(best > 0.7 && reached < 1.04, `${JSON.stringify(more)} reached ${reached}, ${best} at best`);
      }),
    );
  }

  function address(namespace: string, link: string, text: string): void {
    inNamespace(namespace, 'ip', 'address', 'add', text, 'dev', link);
    inNamespace(namespace, 'ip', 'link', 'set', link, 'up');
  }

  it('over a VLAN on a bond', async () => {
    const [first, second] = [networkNamespace(), networkNamespace()];
    joinNamespaces(first, second);
    inNamespace(first, 'ip', 'link', 'add', 'bond0', 'type', 'bond', 'mode', 'active-backup');
    inNamespace(first, 'ip', 'link', 'set', 'nf0', 'down');
    inNamespace(first, 'ip', 'link', 'set', 'nf0', 'master', 'bond0');
    inNamespace(first, 'ip', 'link', 'set', 'bond0', 'up');
    inNamespace(first, 'ip', 'link', 'add', 'link', 'bond0', 'name', 'vlan7', 'type', 'vlan', 'id', '7');
    inNamespace(second, 'ip', 'link', 'add', 'link', 'nf1', 'name', 'vlan7', 'type', 'vlan', 'id', '7');
    address(first, 'vlan7', '10.218.0.1/24');
    address(second, 'vlan7', '10.218.0.2/24');
    await assertOnce([first, second], '10.218.0.2');
  });

  it('through WireGuard', async () => {
    const [first, second] = [networkNamespace(), networkNamespace()];
    joinNamespaces(first, second);
    const folder = temporaryFolder();
    const keys = [first, second].map((_, index) => {
      const file = join(folder, `key${index}`);
      writeFileSync(file, runNow('wg', 'genkey'), { mode: 0o600 });
      return { file, text: runNow('bash', '-c', 'wg pubkey < "$1"', 'bash', file).trim() };
    });
    for (const [index, namespace] of [first, second].entries()) {
      const [own, other] = [keys[index], keys[1 - index]];
      inNamespace(namespace, 'ip', 'link', 'add', 'wg0', 'type', 'wireguard');
      const peer = [
        'peer',
        other?.text ?? '',
        'allowed-ips',
        '10.219.0.0/24',
        'endpoint',
        `10.213.0.${2 - index}:5555`,
      ];
      inNamespace(namespace, 'wg', 'set', 'wg0', 'listen-port', '5555', 'private-key', own?.file ?? '', ...peer);
      address(namespace, 'wg0', `10.219.0.${index + 1}/24`);
    }
    await assertOnce([first, second], '10.219.0.2');
  });
});
