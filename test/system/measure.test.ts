import assert from 'node:assert/strict';
import { asRoot, measure, netflow } from './support/netflow.js';
import { entry } from '../support/paths.js';

/** Sends one datagram of so many bytes to nobody; bash's own, so that it is a process of its own for each call. */
const send = (bytes: number): string => `printf %0${bytes}d 0 > /dev/udp/127.0.0.1/9`;

describe('measure', () => {
  asRoot();

  const commands: [string, string, number, number][] = [
    ['one process', send(100), 100, 1],
    ['a child', `(${send(100)}); ${send(23)}`, 123, 2],
    ['200 children that live for milliseconds', `for i in {1..200}; do (${send(50)}); done`, 10_000, 201],
    ['a child in the background that is still there', `(${send(100)}; sleep 5 >/dev/null 2>&1 &) ; ${send(1)}`, 101, 3],
    ['what ran before and after an exec', `${send(10)}; exec bash -c '${send(20)}'`, 30, 1],
    ['a grandchild whose parent has ended', `( (sleep 0.2; ${send(300)}) & ); sleep 0.4`, 300, 4],
    ['no traffic', 'true', 0, 1],
  ];
  for (const [what, script, uploadBytes, processes] of commands) {
    it(`counts ${what}`, async () => {
      const result = await measure('bash', '-c', script);
      assert.deepEqual(
        { uploadBytes: result.uploadBytes, downloadBytes: result.downloadBytes, processes: result.processes },
        { uploadBytes, downloadBytes: 0, processes },
      );
    });
  }

  it('counts nothing of processes that others start', async () => {
    const noise = Promise.all(Array.from({ length: 5 }, () => netflow('measure', '--', 'bash', '-c', send(999))));
    const result = await measure('bash', '-c', `sleep 0.3; ${send(7)}`);
    await noise;
    assert.equal(result.uploadBytes, 7);
  });

  it('inside of another one adds to both', async () => {
    const { stdout } = await netflow(
      'measure',
      '--json',
      '--',
      process.execPath,
      entry,
      'measure',
      '--json',
      '--',
      'bash',
      '-c',
      send(40),
    );
    const [inner, outer] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { uploadBytes: number });
    assert.deepEqual([inner?.uploadBytes, outer?.uploadBytes], [40, 40]);
  });

  it('counts each process once, however many measure at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => measure('bash', '-c', `sleep 0.3; ${send(5)}`)));
    for (const { processes, uploadBytes } of results)
      assert.deepEqual({ processes, uploadBytes }, { processes: 2, uploadBytes: 5 });
  });

  it('has what an inner measurement left behind in the background', async () => {
    const inner = [process.execPath, entry, 'measure', '--', 'bash', '-c', `(sleep 0.3; ${send(60)}) &`].map(
      (word) => `'${word}'`,
    );
    const { uploadBytes } = await measure('bash', '-c', `${inner.join(' ')}; sleep 0.8; ${send(3)}`);
    assert.equal(uploadBytes, 63);
  });
});
