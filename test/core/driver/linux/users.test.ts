import assert from 'node:assert/strict';
import { UserNames } from '../../../../core/driver/linux/users.js';

describe('names of users', () => {
  it('are those of /etc/passwd, and of others numbers that are looked up once', async () => {
    const users = new UserNames();
    assert.deepEqual([users.name(0), await users.learn()], ['root', false]);
    assert.deepEqual([users.name(4_000_000), await users.learn()], ['4000000', true]);
    assert.deepEqual([users.name(4_000_000), await users.learn()], ['4000000', false]);
  });
});
