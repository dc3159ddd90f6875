import assert from 'node:assert/strict';
import {
  NetFlowError,
  type Limit,
  type LimitChange,
  type LimitTarget,
  type NetFlow,
  type PolicyDifference,
} from '../../../core/index.js';
import type { Asker } from '../../../psmodule/bridge/asker.js';
import { limitAnswers } from '../../../psmodule/bridge/limits.js';
import { decodePayload, encodeFrame, headerBytes, requests, type Table } from '../../../psmodule/bridge/wire.js';

const limitOf = (target: LimitTarget): Limit => ({
  target: 'path' in target ? 'path' : 'process',
  processId: 'path' in target ? null : target.processId,
  path: 'path' in target ? target.path : null,
  uploadLimit: 1024,
  downloadLimit: null,
  shared: false,
  source: 'local',
  processes: 1,
});

/** A core that notes what it is asked, and refuses the targets that it is given an error for. */
function coreWith(errors: Record<string, Error> = {}) {
  const asked: { target: LimitTarget; change?: LimitChange }[] = [];
  const act = (target: LimitTarget): Limit => {
    const error = errors['path' in target ? target.path : target.processId];
    if (error) throw error;
    return limitOf(target);
  };
  const limit = {
    set: async (target: LimitTarget, change: LimitChange) => {
      asked.push({ target, change });
      return act(target);
    },
    remove: async (target: LimitTarget) => {
      asked.push({ target });
      return [act(target)];
    },
    list: async () => [limitOf({ path: '/bin/a' })],
  };
  return { core: { limit } as unknown as NetFlow, asked };
}

async function ask(core: NetFlow, kind: number, tables: Table[], signal = new AbortController().signal) {
  const payload = decodePayload(encodeFrame(kind, tables).subarray(headerBytes));
  const asker: Asker = { signal, batch: async () => undefined, message: () => undefined, warning: () => undefined };
  const answer = limitAnswers[kind];
  assert(answer);
  return answer(core, payload, asker);
}

describe('a request to set limits', () => {
  for (const [what, row, change] of [
    ['both rates', [1, 2048, 1, 4096, null], { upload: 2048, download: 4096 }],
    ['no limit, which is not the same as nothing said', [1, null, 0, null, null], { upload: null }],
    ['what is shared, and nothing else', [0, null, 0, null, 1], { shared: true }],
    ['what is not shared', [0, null, 1, 5000, 0], { download: 5000, shared: false }],
  ] as const) {
    it(`says ${what}`, async () => {
      const { core, asked } = coreWith();
      await ask(core, requests.limitSet, [[[7]], [], [row]]);
      assert.deepEqual(asked, [{ target: { processId: 7 }, change }]);
    });
  }

  it('goes through processes and paths, and tells what is wrong with one beside what became of the others', async () => {
    const { core, asked } = coreWith({
      8: new NetFlowError('NOT_FOUND', 'no 8'),
      '/b': new NetFlowError('FAILED', 'full'),
    });
    const tables = await ask(core, requests.limitSet, [[[7], [8]], [['/a'], ['/b']], [[1, 2048, 0, null, null]]]);
    assert.deepEqual(
      asked.map(({ target }) => target),
      [{ processId: 7 }, { processId: 8 }, { path: '/a' }, { path: '/b' }],
    );
    assert.deepEqual(tables, [
      [
        ['process', 7, null, 1024, null, false, 'local', 1],
        ['path', null, '/a', 1024, null, false, 'local', 1],
      ],
      [
        [1, 'NOT_FOUND', 'no 8'],
        [3, 'FAILED', 'full'],
      ],
    ]);
  });

  it('ends at an error that would be the same for each', async () => {
    const { core, asked } = coreWith({ 7: new NetFlowError('NOT_PERMITTED', 'no') });
    await assert.rejects(ask(core, requests.limitSet, [[[7], [8]], [], [[1, 2048, 0, null, null]]]), {
      code: 'NOT_PERMITTED',
    });
    assert.equal(asked.length, 1);
  });

  it('ends when nobody waits for it any more', async () => {
    const { core, asked } = coreWith();
    await ask(core, requests.limitSet, [[[7], [8]], [], [[1, 2048, 0, null, null]]], AbortSignal.abort());
    assert.deepEqual(asked, []);
  });
});

describe('a request to remove limits', () => {
  it('removes those of the targets', async () => {
    const { core, asked } = coreWith();
    await ask(core, requests.limitRemove, [[[7]], [['/a']], [[0]]]);
    assert.deepEqual(asked, [{ target: { processId: 7 } }, { target: { path: '/a' } }]);
  });

  it('removes nothing where it names nothing', async () => {
    const { core, asked } = coreWith();
    await ask(core, requests.limitRemove, [[], [], [[0]]]);
    assert.deepEqual(asked, []);
  });
});

describe('a request for limits', () => {
  it('says beside them what the paths lead to', async () => {
    const { core } = coreWith();
    const [limits, paths] = await ask(core, requests.limitList, [[['/proc/self/exe'], ['/no/such']]]);
    assert.deepEqual(limits, [['path', null, '/bin/a', 1024, null, false, 'local', 1]]);
    assert.deepEqual(paths, [[process.execPath], ['/no/such']]);
  });
});

describe('a request about a policy', () => {
  it('says of each difference what the policy has and what there is', async () => {
    const differences: PolicyDifference[] = [
      { path: '/a', expected: { path: '/a', upload: 2048, download: null, shared: true }, actual: null },
    ];
    const upload = 'upload 2KB, download none, shared';
    const core = { policy: { test: async () => differences, apply: async () => differences } } as unknown as NetFlow;
    assert.deepEqual(await ask(core, requests.policyTest, [[['x.csv']]]), [
      [['/a', upload, 'no rule', `/a: expected ${upload}; found no rule`]],
    ]);
    assert.deepEqual(await ask(core, requests.policyApply, [[['x.csv']]]), [
      [['/a', upload, 'no rule', `/a: now ${upload}; before no rule`]],
    ]);
  });
});
