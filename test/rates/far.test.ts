import assert from 'node:assert/strict';
import { sleep, until } from '../support/commands.js';
import { joinFarNamespaces, networkNamespace } from '../system/support/environment.js';
import { applyRules, KB, MB, startWithoutLimits } from '../system/support/limits.js';
import { asRoot, netflow, startDriver, stopDriver } from '../system/support/netflow.js';
import {
  fairness,
  highestRate,
  type Moved,
  pumpAs,
  rateBetween,
  runFlow,
  type Side,
  startFlow,
  steadyRate,
  untilEnded,
} from '../system/support/pump.js';

const roundTripMs = 20;
/** What a limit may add to the round trip of another connection of the process. */
const addedMs = 200;

const rates = [100 * KB, MB, 10 * MB];

const cases = rates.flatMap((rate) =>
  [1, 8].flatMap((connections) => (['send', 'receive'] as const).map((side) => ({ rate, connections, side }))),
);

describe(`a limit over a network of ${roundTripMs} ms`, function () {
  this.timeout(120_000);

  const namespaces = { send: '', receive: '' };
  const flow = { namespaces, address: '10.214.2.1', warmUpMs: 2000, measureMs: 10_000 };
  const results = new Map<string, { moved: Moved; probed: Record<Side, Moved> }>();

  /** Together with a probe that shares the limit. */
  async function measure({ rate, connections, side }: (typeof cases)[number], program: string): Promise<void> {
    const programs = { [side]: program };
    const [moved, probed] = await Promise.all([
      runFlow({ ...flow, connections, programs, ...(connections > 1 && { congestion: 'cubic' }) }),
      runFlow({ ...flow, probing: true, programs }),
    ]);
    results.set(`${rate} ${connections} ${side}`, { moved: moved.receive, probed });
  }

  asRoot(async () => {
    namespaces.send = networkNamespace();
    namespaces.receive = networkNamespace();
    await joinFarNamespaces(namespaces.send, namespaces.receive, roundTripMs);
    await startWithoutLimits();
    const programs = new Map(cases.map((each, index) => [each, pumpAs(`far-${index}`)]));
    await applyRules(
      cases.map((each) => {
        const path = programs.get(each) ?? '';
        return each.side === 'send' ? [path, String(each.rate), '', 'true'] : [path, '', String(each.rate), 'true'];
      }),
    );
    // All at once would take more than two cores have.
    const fast = cases.filter(({ rate }) => rate > MB);
    for (const together of [cases.filter(({ rate }) => rate <= MB), fast.slice(0, 2), fast.slice(2)]) {
      await Promise.all(together.map((each) => measure(each, programs.get(each) ?? '')));
    }
  });

  for (const { rate, connections, side } of cases) {
    const direction = side === 'send' ? 'up' : 'down';
    it(`is reached, and leaves others their time: ${rate / KB} KB/s ${direction} over ${connections}`, () => {
      const result = results.get(`${rate} ${connections} ${side}`);
      assert.ok(result);
      const { moved, probed } = result;
      const reached = steadyRate(moved, flow) / rate;
      assert.ok(reached >= (rate < MB ? 0.97 : 0.99), `reached ${reached}`);
      const highest = highestRate(moved, flow.measureMs) / rate;
      assert.ok(highest <= 1.02, `at most ${highest}`);
      const added = median(probed) - roundTripMs;
      assert.ok(added < addedMs, `added ${added} ms`);
      if (connections > 1 && rate >= MB) assert.ok(fairness(moved) >= 0.95, `fairness ${fairness(moved)}`);
    });
  }

  it('drops datagrams that come faster than the limit, and says how many', async () => {
    const program = pumpAs('flooded');
    await applyRules([[program, '', String(100 * KB)]]);
    const flood = { protocol: 'udp', bytes: 1400, warmUpMs: 1000, measureMs: 4000 } as const;
    const flow = await startFlow({ ...flood, namespaces, address: '10.214.2.1', programs: { receive: program } });
    await until('some are dropped', async () => {
      const { stdout } = await netflow('driver', 'status');
      return Number(/^Dropped +(\d+) packets/mu.exec(stdout)?.[1]) > 0;
    });
    const { receive } = await flow.result;
    const reached = steadyRate(receive, { warmUpMs: 1000, measureMs: 3000 }) / (100 * KB);
    assert.ok(Math.abs(reached - 1) < 0.03, `reached ${reached}`);
  });

  it('leaves other connections their time beside datagrams that come faster than it', async () => {
    const [flooded, flooding] = [pumpAs('flooded-beside'), pumpAs('flooding')];
    await applyRules([
      [flooded, '', String(MB), 'true'],
      [flooding, String(3 * MB), ''],
    ]);
    const times = { ...flow, warmUpMs: 2000, measureMs: 4000 };
    const flood = { ...times, protocol: 'udp', bytes: 1000 } as const;
    const [{ receive }, probed] = await Promise.all([
      runFlow({ ...flood, programs: { receive: flooded, send: flooding } }),
      runFlow({ ...times, probing: true, programs: { receive: flooded } }),
    ]);
    assert.ok(median(probed) - roundTripMs < addedMs, `added ${median(probed) - roundTripMs} ms`);
    const reached = steadyRate(receive, { warmUpMs: 2000, measureMs: 3000 }) / MB;
    assert.ok(reached > 0.98 && reached < 1.01, `reached ${reached}`);
  });

  it('leaves them their time where many processes share it', async () => {
    const programs = { receive: pumpAs('shared') };
    await applyRules([[programs.receive, '', String(MB), 'true']]);
    const times = { ...flow, programs, warmUpMs: 3000, measureMs: 4000 };
    const [probed, ...moved] = await Promise.all([
      runFlow({ ...times, probing: true }),
      ...Array.from({ length: 20 }, () => runFlow(times)),
    ]);
    assert.ok(median(probed) - roundTripMs < addedMs, `added ${median(probed) - roundTripMs} ms`);
    const rates = moved.map(({ receive }) => steadyRate(receive, { warmUpMs: 3000, measureMs: 3000 }));
    const reached = rates.reduce((sum, rate) => sum + rate, 0) / MB;
    assert.ok(Math.abs(reached - 1) < 0.02, `reached ${reached}`);
  });

  it('is reached by one connection beside others that move next to nothing', async () => {
    const programs = { receive: pumpAs('mostly-idle') };
    await applyRules([[programs.receive, '', String(MB), 'true']]);
    const times = { ...flow, programs, warmUpMs: 3000, measureMs: 4000 };
    const [{ receive }] = await Promise.all([
      runFlow(times),
      ...Array.from({ length: 12 }, () => runFlow({ ...times, probing: true })),
    ]);
    const reached = steadyRate(receive, { warmUpMs: 3000, measureMs: 3500 }) / MB;
    assert.ok(reached > 0.95 && reached < 1.01, `reached ${reached}`);
  });

  it('gives a connection its whole window back when it is removed, and when the driver stops', async () => {
    const programs = { send: pumpAs('removed'), receive: pumpAs('stopped') };
    await applyRules([
      [programs.send, String(100 * KB), ''],
      [programs.receive, '', String(100 * KB)],
    ]);
    const times = { namespaces, address: '10.214.2.1', ...untilEnded };
    const sending = await startFlow({ ...times, programs: { send: programs.send } });
    const receiving = await startFlow({ ...times, programs: { receive: programs.receive } });
    await sleep(2000);
    await applyRules([[programs.receive, '', String(100 * KB)]]);
    await sleep(500);
    await stopDriver();
    await sleep(4000);
    const [{ receive: sent }, { receive: received }] = await Promise.all([sending.end(), receiving.end()]);
    for (const moved of [sent, received]) {
      const end = moved.samples.at(-1)?.[0] ?? 0;
      const rate = rateBetween(moved, end - 3000, end - 1000);
      assert.ok(rate > MB, `${rate} in the end`);
    }
    await startDriver();
  });
});

/** Of the round trips after the warm-up, in milliseconds. */
function median({ send: { samples } }: Record<Side, Moved>): number {
  const start = (samples[0]?.[0] ?? 0) + 2000;
  const trips = samples.filter(([ms]) => ms > start).map(([, microseconds]) => microseconds / 1000);
  return trips.toSorted((a, b) => a - b)[Math.floor(trips.length / 2)] ?? Number.NaN;
}
