import assert from 'node:assert/strict';
import { checkNode } from '../../../core/driver/requirements.js';

describe('the requirement Node.js', () => {
  for (const [version, ok] of [
    ['v20.20.2', false],
    ['v22.12.0', true],
    ['v24.0.0', true],
  ] as const) {
    it(`is ${ok ? '' : 'not '}met by ${version}`, () => assert.equal(checkNode(version).ok, ok));
  }
});
