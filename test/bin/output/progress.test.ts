import assert from 'node:assert/strict';
import { showProgress } from '../../../bin/output/progress.js';
import { sleep, until } from '../../support/commands.js';

describe('progress', () => {
  /** What is written to a stream by these. */
  const written = (isTTY: boolean) => {
    const texts: string[] = [];
    const stream = { isTTY, write: (text: string) => texts.push(text) } as unknown as NodeJS.WriteStream;
    return { texts, progress: showProgress(stream, 20) };
  };

  it('is one line of a terminal, which is removed', () => {
    const { texts, progress } = written(true);
    progress.clear();
    progress.show('one\x1b');
    progress.clear();
    assert.deepEqual(texts, ['\r\x1b[Kone\ufffd', '\r\x1b[K']);
  });

  it('elsewhere is a line for a step that takes long, and for no other', async () => {
    const { texts, progress } = written(false);
    progress.show('short');
    progress.show('long\n');
    await until('it is said', () => texts.length > 0);
    progress.show('cleared');
    progress.clear();
    await sleep(40);
    assert.deepEqual(texts, ['netflow: long\ufffd\n']);
  });
});
