import assert from 'node:assert/strict';
import { SocketCounter } from '../../../core/driver/socket-counter.js';

describe('sockets', () => {
  const cases: [string, [string, number][], [string, number][]][] = [
    ['of nobody are none', [], []],
    [
      'are counted by process',
      [
        ['a', 1],
        ['a', 2],
        ['b', 3],
      ],
      [
        ['a', 2],
        ['b', 1],
      ],
    ],
    [
      'count once however many descriptors there are',
      [
        ['a', 1],
        ['a', 1],
        ['a', 2],
        ['a', 2],
        ['a', 1],
      ],
      [['a', 2]],
    ],
    [
      'count once in whatever order they come',
      [5, 9, 3, 7, 3, 5, 7, 9, 1, 10, 1].map((id): [string, number] => ['a', id]),
      [['a', 6]],
    ],
    [
      'count for each process that shares them',
      [
        ['a', 1],
        ['b', 1],
      ],
      [
        ['a', 1],
        ['b', 1],
      ],
    ],
    [
      'are told from those of the process before, whatever their order',
      [
        ['a', 5],
        ['b', 9],
        ['b', 5],
      ],
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [
      'of one process may come in two pieces',
      [
        ['a', 1],
        ['b', 2],
        ['a', 3],
      ],
      [
        ['a', 2],
        ['b', 1],
      ],
    ],
  ];
  for (const [what, added, expected] of cases) {
    it(what, () => {
      const counter = new SocketCounter();
      for (const [identity, id] of added) counter.add(identity, id);
      assert.deepEqual([...counter.counts()], expected);
    });
  }
});
