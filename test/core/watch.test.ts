import assert from 'node:assert/strict';
import { checkWatch, ticks } from '../../core/watch.js';
import { MemoryClock } from '../support/memory-driver.js';

describe('ticks', () => {
  const busy: [string, number[], number[]][] = [
    ['come at once and then every interval', [0, 0, 0, 0], [0, 2000, 4000, 6000]],
    ['stay on their grid where the consumer takes long', [300, 700, 1999, 0], [0, 2000, 4000, 6000]],
    ['leave out what the consumer has no time for', [2500, 0, 7999, 0], [0, 4000, 6000, 14_000]],
  ];
  for (const [what, durations, expected] of busy) {
    it(`${what}, and end by count`, async () => {
      const clock = new MemoryClock();
      clock.pass(123_456.7);
      const times: number[] = [];
      for await (const _ of ticks({ interval: 2, count: durations.length }, clock)) {
        times.push(Math.round(clock.now() - 123_456.7));
        clock.pass(durations[times.length - 1] ?? 0);
      }
      assert.deepEqual(times, expected);
    });
  }

  it('end by a signal in the middle of an interval', async () => {
    const controller = new AbortController();
    let seen = 0;
    for await (const _ of ticks({ interval: 86_400, signal: controller.signal })) {
      seen++;
      setImmediate(() => controller.abort());
    }
    assert.equal(seen, 1);
  });

  it('do not come for a signal that was given before', async () => {
    const { done } = await ticks({ interval: 0.1, signal: AbortSignal.abort() }).next();
    assert.equal(done, true);
  });

  for (const options of [
    { interval: 0 },
    { interval: -1 },
    { interval: Number.NaN },
    { interval: 1e300 },
    { count: 0 },
    { count: 1.5 },
  ]) {
    it(`are refused for ${JSON.stringify(options)}`, () => {
      assert.throws(() => checkWatch(options), { name: 'NetFlowError', code: 'INVALID_ARGUMENT' });
    });
  }

  it('are taken from the least interval to the most', () => {
    for (const interval of [0.1, 86_400, undefined]) checkWatch({ ...(interval && { interval }), count: 1 });
  });
});
