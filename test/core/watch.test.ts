import assert from 'node:assert/strict';
import { checkWatch, ticks } from '../../core/watch.js';

describe('ticks', () => {
  it('come at once and end by count', async () => {
    assert.equal(await countTicks({ interval: 0.1, count: 3 }), 3);
  });

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
    assert.equal(await countTicks({ interval: 0.1, signal: AbortSignal.abort() }), 0);
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
});

async function countTicks(options: Parameters<typeof ticks>[0]): Promise<number> {
  let seen = 0;
  for await (const _ of ticks(options)) seen++;
  return seen;
}
