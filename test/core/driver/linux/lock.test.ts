import assert from 'node:assert/strict';
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadLibc } from '../../../../core/driver/linux/libc.js';
import { takeLock } from '../../../../core/driver/linux/lock.js';
import { cleanUp } from '../../../support/cleanup.js';
import { start, until } from '../../../support/commands.js';
import { temporaryFolder } from '../../../support/paths.js';

describe("the driver's lock", () => {
  if (process.platform === 'win32') return;

  const libc = loadLibc();
  let file: string;
  beforeEach(() => {
    file = join(temporaryFolder(), 'lock');
  });
  afterEach(cleanUp);

  function hold(): number {
    const held = openSync(file, 'w');
    assert.ok(libc.tryLock(held));
    return held;
  }

  it('is waited for with a word about who has it, until that lets go', async () => {
    const held = hold();
    const said: string[] = [];
    const onWait = (message: string): void => {
      said.push(message);
      closeSync(held);
    };
    closeSync(await takeLock(libc, file, { seconds: 10, onWait }));
    assert.match(
      said.join('\n'),
      new RegExp(`^Waiting for process ${process.pid} \\(\\S+\\), which changes the driver$`, 'u'),
    );
  });

  it('is not waited for without an end', async () => {
    const held = hold();
    const tooLong = new RegExp(`by process ${process.pid} .* \`kill ${process.pid}\``, 'u');
    await assert.rejects(takeLock(libc, file, { seconds: 0.1, onWait: () => undefined }), tooLong);
    closeSync(held);
  });

  it('of a stopped process is not waited for without an end, and that it is stopped is said', async () => {
    const holder = start('flock', ['--no-fork', file, 'sleep', '60']);
    await until('the lock is taken', () => isTaken());
    holder.kill('SIGSTOP');
    const stopped = new RegExp(`it is stopped: continue it with \`kill -CONT ${holder.pid}\``, 'u');
    await assert.rejects(takeLock(libc, file, { seconds: 0.1, onWait: () => undefined }), stopped);
  });

  it('is the one of the file that is there', async () => {
    const held = hold();
    const lock = takeLock(libc, file);
    unlinkSync(file);
    closeSync(await lock);
    closeSync(held);
  });

  function isTaken(): boolean {
    const lock = openSync(file, 'a');
    const isFree = libc.tryLock(lock);
    closeSync(lock);
    return !isFree;
  }
});
