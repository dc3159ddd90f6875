import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Conversation } from './conversation.js';
import { removeLeftovers } from './leftovers.js';
import { openPipe, type Received } from './server.js';
import { encodeFrame, headerBytes, requests } from './wire.js';

/** The folder of the module, or of the checkout. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Serves one shell: answers requests from the pipe, and ends when its standard input does, which is when the shell
 * ends, however it ends. Writes a line to standard output when the pipe can be opened.
 */
export async function main([pipe]: readonly string[]): Promise<void> {
  if (pipe === undefined) throw new Error('the host needs the name of a pipe: the PowerShell module starts it');
  process.on('exit', () => removePipe(pipe));
  process.on('SIGINT', () => {}); // Ctrl+C in the shell reaches the whole group, and is meant for the shell
  const conversations = new Map<number, Conversation>();

  const receive = ({ connection, kind, payload }: Received): void => {
    const conversation = conversations.get(connection) ?? begin(connection);
    if (kind !== null && payload) {
      conversation.receive(kind, payload);
    } else {
      conversations.delete(connection);
      void conversation.end();
    }
  };
  const begin = (connection: number): Conversation => {
    const conversation = new Conversation((message) => send(connection, message));
    conversations.set(connection, conversation);
    return conversation;
  };
  endWithInput(() => Promise.all([...conversations.values()].map((conversation) => conversation.end())));

  const send = await openPipe(root, pipe, receive).catch(giveUp);
  process.stdout.write('ready\n');
  removeLeftovers(pipe);
}

/** Removes the pipe's file, which there is on Unix, and which .NET leaves when the process ends. */
function removePipe(pipe: string): void {
  if (process.platform !== 'win32') rmSync(pipe, { force: true });
}

/** Ends with a line that the client shows. */
function giveUp(error: Error): never {
  const why = error.message.split('\n')[0] ?? '';
  process.stderr.write(`it can't serve its pipe: ${why}\n`);
  process.exit(1);
}

/** Ends with the shell, whatever is still under way. */
function endWithInput(endAll: () => Promise<unknown>): void {
  const patience = 2000;
  const end = (): void => {
    setTimeout(() => process.exit(), patience).unref();
    void endAll().finally(() => process.exit());
  };
  process.stdin.once('end', end).once('error', end).resume();
  process.stdout.once('error', end);
}

/** Answers as far as possible without a driver, so that the build can cache the code that V8 compiles for it. */
export async function warmUp(): Promise<void> {
  const conversation = new Conversation(() => {});
  const noProcess = encodeFrame(requests.traffic, [[[0]], [], [[false]]]);
  conversation.receive(requests.traffic, noProcess.subarray(headerBytes));
  await conversation.settled();
}
