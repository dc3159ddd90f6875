// `npm start`: builds what isn't built, loads the driver and shows this machine's processes, live on a terminal and
// once otherwise. Further arguments go to the command that shows them: npm start -- --sort uploadSpeed
import { build } from './support/build.mjs';
import { CommandError, main, runVisibly } from './support/command.mjs';
import { onRightNode } from './support/node.mjs';
import { commandLine } from './support/project.mjs';

await main('start', async () => {
  if (process.platform === 'linux' && process.getuid() !== 0) {
    throw new CommandError('loading the driver requires root; run: sudo npm start', { exitCode: 4 });
  }
  const rerun = await onRightNode();
  if (rerun !== undefined) return rerun;
  await build();

  // Ctrl+C ends the live table, which puts the terminal back in order; this script ends after it.
  process.on('SIGINT', () => {});
  const command = process.stdout.isTTY ? 'watch' : 'list';
  const code = await runVisibly(process.execPath, [commandLine, command, ...process.argv.slice(2)]);
  if (code !== 0) return typeof code === 'number' ? code : 1;

  const sudo = process.env.SUDO_USER ? 'sudo ' : '';
  process.stderr.write(`The driver continues to count; to stop it: ${sudo}node bin/netflow.js driver stop\n`);
  return 0;
});
