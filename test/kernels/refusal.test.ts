import assert from 'node:assert/strict';
import { added, traces } from '../system/support/kernel.js';
import { netflow } from '../system/support/netflow.js';

describe('a kernel that is too old', () => {
  it('is told so in one line, and nothing of the driver stays', async () => {
    const before = traces();
    const { stderr, code } = await netflow('driver', 'start');
    assert.equal(code, 3);
    assert.match(stderr.trimEnd(), /^netflow: [^\n]*Linux 6\.3 or later is needed[^\n]*$/u);
    assert.deepEqual(added(before, traces()), {});
  });
});
