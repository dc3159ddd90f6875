import assert from 'node:assert/strict';
import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ended, runNow, sleep, start, until } from '../support/commands.js';
import { applyRules, KB, limit, limits, MB, mostInASecond, removeLimits, withoutLimits } from './support/limits.js';
import { list, mustSucceed } from './support/netflow.js';
import {
  highestRate,
  now,
  type Moved,
  pumpAs,
  rateBetween,
  runFlow,
  type Side,
  startFlow,
  steadyRate,
  untilEnded,
} from './support/pump.js';

const maps = '/sys/fs/bpf/netflow/maps';
type MapDump = { formatted: { value: Record<string, number> } }[];

/** How long after the command a change is to have come through. */
const settledMs = 500;
const observedMs = 1000;
const times = { warmUpMs: 1000, measureMs: 2500 };

const sides: { side: Side; option: '--upload' | '--download' }[] = [
  { side: 'send', option: '--upload' },
  { side: 'receive', option: '--download' },
];

/** Whether packets pass without a look at whose they are: what core and the driver know of limits is the same then. */
function nobodyIsLimited(): boolean {
  const [state, news] = ['rule_state', 'agent_news'].map(
    (name) => JSON.parse(runNow('bpftool', '--json', 'map', 'dump', 'pinned', `${maps}/${name}`)) as MapDump,
  );
  return state?.[0]?.formatted.value.quiet === news?.[0]?.formatted.value.limit_epoch;
}

/**
 * A packet of loopback: of a connection that is older than its limit they are this long, and some do not fit a time.
 */
const packetBytes = 65_483;

/** Bytes per second, over about a second, which a busy machine makes uneven. */
function assertNear(actual: number, expected: number, what: string): void {
  const off = Math.abs(actual - expected);
  assert.ok(off <= 0.05 * expected + packetBytes, `${what}: ${actual} where ${expected} is meant`);
}

describe('limits on flows that run', function () {
  this.timeout(120_000);

  withoutLimits();

  /**
   * A flow whose limit is changed while it runs, and held against what the receiver took in the second after each
   * change.
   */
  async function change(by: '--pid' | '--path', { side, option }: (typeof sides)[number]): Promise<void> {
    const program = pumpAs(`changed${by}-${side}`);
    const flow = await startFlow({ programs: { [side]: program }, ...untilEnded });
    const target = [by, by === '--pid' ? flow.pids[side] : program];
    const changes: { at: number; rate: number | null }[] = [];
    await sleep(1000);
    for (const rate of [2 * MB, 512 * KB, 8 * MB]) {
      await limit(...target, option, rate);
      changes.push({ at: now(), rate });
      await sleep(settledMs + observedMs);
    }
    await mustSucceed('limit', 'remove', ...target);
    changes.push({ at: now(), rate: null });
    await sleep(settledMs + observedMs);
    const { receive } = await flow.end();
    for (const { at, rate } of changes) {
      const reached = rateBetween(receive, at + settledMs, at + settledMs + observedMs);
      if (rate === null) assert.ok(reached > 80 * MB, `${option}: without a limit ${reached}`);
      else assertNear(reached, rate, `${option}: after ${settledMs} ms`);
    }
  }

  it('are set, lowered, raised and removed at once, in both directions, by process and by path', async () => {
    await Promise.all(sides.flatMap((side) => [change('--pid', side), change('--path', side)]));
  });

  it('shorten what a listener accepts, and no longer once they are removed', async () => {
    const listen = `require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
    const server = start(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(server.stdout ?? server, 'data')) as [Buffer];
    const accepted = async (): Promise<number> => {
      const socket = connect(Number(String(port)), '127.0.0.1');
      await once(socket, 'connect');
      const text = runNow('ss', '-tinH', 'state', 'established', `sport = :${String(port).trim()}`);
      socket.destroy();
      return Number(/mss:(\d+)/u.exec(text)?.[1]);
    };
    const before = await accepted();
    await limit('--pid', server.pid ?? 0, '--upload', 100 * KB);
    await until('segments are short', async () => (await accepted()) <= 536, 5);
    await removeLimits();
    await until('segments are as they were', async () => (await accepted()) === before, 5);
  });

  it('ends with its process, in the kernel as well', async () => {
    const flow = await startFlow(untilEnded);
    await limit('--pid', flow.pids.send, '--upload', MB, '--download', MB);
    assert.deepEqual(
      (await limits()).map(({ target, processId, uploadLimit }) => ({ target, processId, uploadLimit })),
      [{ target: 'process', processId: flow.pids.send, uploadLimit: MB }],
    );
    await flow.end();
    await until('the rule is gone', async () => (await limits()).length === 0, 5);
    await until('the devices are gone', () => !runNow('ip', '-brief', 'link').includes('netflow0'), 5);
  });
});

describe('limits of paths', function () {
  this.timeout(120_000);

  withoutLimits();

  it('hold from the first byte on, for sockets that are accepted and for children as well', async () => {
    const variants = [{}, { reversed: true }, { forked: true }, { protocol: 'udp', bytes: 1000 }] as const;
    const cases = sides.flatMap(({ side }) => variants.map((variant) => ({ side, variant })));
    const programs = cases.map((_, index) => pumpAs(`first-${index}`));
    await applyRules(
      cases.map(({ side }, index) => {
        const limits = side === 'send' ? (['1MB', ''] as const) : (['', '1MB'] as const);
        return [programs[index] ?? '', ...limits] as const;
      }),
    );
    await Promise.all(
      cases.map(async ({ side, variant }, index) => {
        const what = `${side} ${JSON.stringify(variant)}`;
        const moved = await runFlow({ ...variant, ...times, programs: { [side]: programs[index] ?? '' } });
        const highest = highestRate(moved.receive, 1000);
        assert.ok(highest < mostInASecond(MB), `${what}: in a second ${highest}`);
        assertNear(steadyRate(moved.receive, { ...times, measureMs: 2000 }), MB, what);
      }),
    );
  });

  for (const { side, option } of sides) {
    it(`hold from the first byte on after nobody was limited for long: ${option}`, async () => {
      const program = pumpAs(`late-${side}`);
      await limit('--path', program, option, MB);
      await until('the agent has seen that nobody is limited', nobodyIsLimited);
      const moved = await runFlow({ programs: { [side]: program }, warmUpMs: 0, measureMs: 2000 });
      assert.ok(
        highestRate(moved.receive, 1000) < mostInASecond(MB),
        `in a second ${highestRate(moved.receive, 1000)}`,
      );
    });
  }

  it('hold for every name that the file has', async () => {
    const program = pumpAs('named');
    const other = `${program}-otherwise`;
    await limit('--path', program, '--upload', MB);
    linkSync(program, other);
    const moved = await runFlow({ programs: { send: other }, warmUpMs: 0, measureMs: 1500 });
    assert.ok(highestRate(moved.receive, 1000) < mostInASecond(MB), `in a second ${highestRate(moved.receive, 1000)}`);
  });

  it('hold for what a process that has ended left to be sent', async () => {
    const rate = 300 * KB;
    const program = pumpAs('leaver');
    await limit('--path', program, '--upload', rate);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sender = start(program, ['send', '127.0.0.1', 'tcp', '1', '0', '60000', String(port)], { stdio: 'ignore' });
    const [socket] = (await once(server, 'connection')) as [Socket];
    let bytes = 0;
    socket.on('data', ({ length }) => (bytes += length));
    // However slow the machine is: the sender ends when so much waits in the kernel as takes seconds at its limit.
    const waiting = () =>
      Number(runNow('ss', '-tnH', 'state', 'established', `dport = :${port}`).trim().split(/\s+/u)[1]);
    await until('much waits to be sent', () => waiting() > 2 * rate);
    sender.kill('SIGKILL');
    await ended(sender);
    const [begin, before] = [performance.now(), bytes];
    await once(socket, 'end');
    const seconds = (performance.now() - begin) / 1000;
    server.close();
    assertNear((bytes - before) / seconds, rate, 'of an exited process');
  });

  it('are one for each process, or one for all that share it', async () => {
    const [each, shared] = [pumpAs('each'), pumpAs('shared')];
    await limit('--path', each, '--upload', MB);
    await limit('--path', shared, '--upload', MB, '--shared');
    const flows = await Promise.all(
      [each, each, each, shared, shared].map((send) => runFlow({ ...times, programs: { send } })),
    );
    const rates = flows.map(({ receive }) => steadyRate(receive, { ...times, measureMs: 2000 }));
    for (const rate of rates.slice(0, 3)) assertNear(rate, MB, 'each for itself');
    assertNear((rates[3] ?? 0) + (rates[4] ?? 0), MB, 'together');
  });

  it('give way to a process rule, and local ones to those of a policy', async () => {
    const program = pumpAs('preceded');
    await limit('--path', program, '--upload', 4 * MB);
    const flow = await startFlow({ programs: { send: program }, ...untilEnded });
    const changes: number[] = [];
    const step = async (change: () => Promise<unknown>): Promise<void> => {
      await change();
      changes.push(now() + settledMs);
      await sleep(settledMs + observedMs);
    };
    await step(() => applyRules([[program, String(MB), '']]));
    const [ofPolicy] = (await limits()).filter(({ source }) => source === 'policy');
    assert.equal(ofPolicy?.processes, 1);
    const [row] = await list({ pids: [flow.pids.send] });
    assert.deepEqual([row?.uploadLimit, row?.downloadLimit], [MB, null]);
    await step(() => limit('--pid', flow.pids.send, '--upload', 2 * MB));
    await step(() => mustSucceed('limit', 'remove', '--pid', flow.pids.send));
    await step(() => applyRules([]));
    const { receive } = await flow.end();
    const rates = changes.map((at) => rateBetween(receive, at, at + observedMs));
    for (const [index, rate] of [MB, 2 * MB, MB, 4 * MB].entries()) {
      assertNear(rates[index] ?? 0, rate, `step ${index + 1}`);
    }
  });

  it('keep directions apart', async () => {
    const [up, down] = [pumpAs('up'), pumpAs('down')];
    await applyRules([
      [up, String(4 * MB), String(MB)],
      [down, String(MB), String(2 * MB)],
    ]);
    const cases: { programs: Partial<Record<Side, string>>; rate: number }[] = [
      { programs: { send: up }, rate: 4 * MB },
      { programs: { receive: up }, rate: MB },
      { programs: { send: up, receive: down }, rate: 2 * MB },
      { programs: { send: down, receive: up }, rate: MB },
    ];
    const reached = await Promise.all(
      cases.map(async ({ programs }) => {
        const moved: Record<Side, Moved> = await runFlow({ ...times, programs });
        return steadyRate(moved.receive, { ...times, measureMs: 2000 });
      }),
    );
    for (const [index, { rate }] of cases.entries()) assertNear(reached[index] ?? 0, rate, `case ${index}`);
  });
});
