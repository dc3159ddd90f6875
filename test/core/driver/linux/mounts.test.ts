import assert from 'node:assert/strict';
import { parseMounts } from '../../../../core/driver/linux/mounts.js';

describe('mounts', () => {
  it('have their root, target, type and source, whatever stands between', () => {
    const text = [
      '22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw',
      '36 35 98:0 /a\\040folder /mnt/b\\134c rw master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue',
      '40 28 0:4 net:[4026532281] /run/netns/a\\011b rw - nsfs nsfs rw',
      '',
    ].join('\n');
    assert.deepEqual(parseMounts(text), [
      { root: '/', target: '/proc', type: 'proc', source: 'proc' },
      { root: '/a folder', target: '/mnt/b\\c', type: 'ext3', source: '/dev/root' },
      { root: 'net:[4026532281]', target: '/run/netns/a\tb', type: 'nsfs', source: 'nsfs' },
    ]);
  });
});
