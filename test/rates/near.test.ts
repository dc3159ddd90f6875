import assert from 'node:assert/strict';
import { asRoot } from '../system/support/netflow.js';
import { joinNamespaces, networkNamespace, setUp } from '../system/support/environment.js';
import { applyRules, KB, MB, startWithoutLimits } from '../system/support/limits.js';
import {
  fairness,
  type Flow,
  highestRate,
  type Moved,
  pumpAs,
  runFlow,
  type Side,
  steadyRate,
} from '../system/support/pump.js';

interface Case extends Flow {
  limited: Side;
  rate: number;
  /** How far below the limit the rate may be, in parts of it. */
  within: number;
}

/** Above the limit it may be by 2 % in ten seconds, and so by as many bytes in less. */
const windowMs = 4000;
const most = 1 + (0.02 * 10_000) / windowMs;
const measureMs = 5000;

const rates = [100 * KB, MB, 10 * MB];
const networks = ['loopback', 'loopback with cubic', 'veth with IPv6 and cubic'] as const;

/** Each limited program has a path, and so a limit, of its own: as many run at once as two cores have time for. */
describe('a limit is a ceiling that is reached', function () {
  this.timeout(300_000);

  const results = new Map<string, Moved>();
  const namespaces = { send: '', receive: '' };
  const cases = new Map<string, Case>();
  for (const network of networks) {
    for (const rate of rates) {
      for (const connections of [1, 8, 64]) {
        addTcp(network, 'send', rate, connections);
        addTcp(network, 'receive', rate, connections);
      }
    }
  }
  for (const network of networks) {
    if (network !== 'loopback with cubic') for (const bytes of [100, 1400]) addUdp(network, bytes);
  }

  function addTcp(network: string, limited: Side, rate: number, connections: number): void {
    const name = `TCP, ${network}: ${rate / KB} KB/s ${limited === 'send' ? 'up' : 'down'} over ${connections}`;
    cases.set(name, { ...placeOf(network), limited, rate, connections, within: rate < MB ? 0.03 : 0.01 });
  }

  function addUdp(network: string, bytes: number): void {
    const place = placeOf(network);
    cases.set(`UDP, ${network}: ${bytes}-byte datagrams, 1024 KB/s up`, {
      ...place,
      protocol: 'udp',
      bytes,
      limited: 'send',
      rate: MB,
      within: 0.01,
    });
  }

  function placeOf(network: string): Flow {
    const flow = { measureMs, ...(network.endsWith('cubic') && { congestion: 'cubic' }) };
    if (network.startsWith('loopback')) return flow;
    return { ...flow, namespaces, address: network.includes('IPv6') ? 'fd00:213::2' : '10.213.0.2' };
  }

  function groupOf({ protocol, address = 'loopback', congestion = '', bytes = 0, rate }: Case): string {
    if (protocol && bytes < 1000) return `${protocol} ${address}`;
    return `${address} ${congestion} ${rate > MB}`;
  }

  async function measure(name: string, { limited, ...flow }: Case, program: string): Promise<void> {
    const { receive } = await runFlow({ ...flow, programs: { [limited]: program } });
    results.set(name, receive); // what a sender has handed over may still wait
  }

  asRoot(async () => {
    namespaces.send = networkNamespace();
    namespaces.receive = networkNamespace();
    joinNamespaces(namespaces.send, namespaces.receive);
    setUp(namespaces.send, 'ip address add fd00:213::1/64 dev nf0 nodad');
    setUp(namespaces.receive, 'ip address add fd00:213::2/64 dev nf1 nodad');
    await startWithoutLimits();
    const programs = new Map([...cases.keys()].map((name, index) => [name, pumpAs(`pump-${index}`)]));
    await applyRules(
      [...cases].map(([name, { limited, rate }]) => {
        const path = programs.get(name) ?? '';
        return limited === 'send' ? [path, String(rate), ''] : [path, '', String(rate)];
      }),
    );
    for (const group of new Set([...cases.values()].map(groupOf))) {
      const together = [...cases].filter(([, each]) => groupOf(each) === group);
      await Promise.all(together.map(([name, each]) => measure(name, each, programs.get(name) ?? '')));
    }
  });

  it('to the byte, however short the headers of packets are that the kernel has still to cut up', async () => {
    for (const namespace of Object.values(namespaces)) setUp(namespace, 'sysctl -qw net.ipv4.tcp_timestamps=0');
    const [rate, program] = [5 * MB, pumpAs('short-headers')];
    await applyRules([[program, '', String(rate)]]);
    const flow = { namespaces, address: '10.213.0.2', connections: 64, warmUpMs: 1500, measureMs: 3000 };
    const { receive } = await runFlow({ ...flow, programs: { receive: program } });
    const reached = steadyRate(receive, flow) / rate;
    assert.ok(Math.abs(reached - 1) < 0.005, `reached ${reached}`);
  });

  for (const [name, { rate, within, connections = 1, ...flow }] of cases) {
    it(name, () => {
      const moved = results.get(name);
      assert.ok(moved);
      const reached = steadyRate(moved, flow) / rate;
      assert.ok(reached >= 1 - within, `reached ${reached}`);
      const highest = highestRate(moved, windowMs) / rate;
      assert.ok(highest <= most, `in ${windowMs} ms ${highest}`);
      if (connections === 8 && rate >= MB) assert.ok(fairness(moved) >= 0.95, `fairness ${fairness(moved)}`);
    });
  }
});
