import assert from 'node:assert/strict';
import { SocketCounter } from '../../../core/driver/socket-counter.js';

describe('sockets', () => {
  /** A process and the number of a socket that it has; a process and how many it has. */
  const cases: [string, string, string][] = [
    ['of nobody are none', '', ''],
    ['are counted by process', 'a1 a2 b3', 'a2 b1'],
    ['count once however many descriptors there are', 'a1 a1 a2 a2 a1', 'a2'],
    ['count once in whatever order they come', 'a5 a9 a3 a7 a3 a5 a7 a9 a1 a10 a1', 'a6'],
    ['count for each process that shares them', 'a1 b1', 'a1 b1'],
    ['are told from those of the process before, whatever their order', 'a5 b9 b5', 'a1 b2'],
    ['of one process may come in two pieces', 'a1 b2 a3', 'a2 b1'],
  ];
  for (const [what, added, expected] of cases) {
    it(what, () => {
      const counter = new SocketCounter();
      for (const [identity = '', ...id] of added.split(' ').filter(Boolean)) counter.add(identity, Number(id.join('')));
      assert.equal([...counter.counts()].map((count) => count.join('')).join(' '), expected);
    });
  }
});
