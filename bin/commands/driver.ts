import type { Argv, CommandModule } from 'yargs';
import type { NetFlow } from '../../core/index.js';
import { given, jsonOption, maxProcessesOption } from '../options.js';
import { jsonObject } from '../output/json.js';
import { statusLines } from '../output/status.js';
import { writeLines } from '../output/write.js';
import { withNetFlow } from '../with-netflow.js';
import { parentOf } from './parent.js';

interface DriverArguments {
  json?: boolean | undefined;
}

interface StartArguments extends DriverArguments {
  'max-processes'?: number | undefined;
}

const status: CommandModule<object, DriverArguments> = {
  command: 'status',
  describe: 'Show what runs, what the system lacks and what was lost',
  builder: withJson,
  handler: (argv) => withNetFlow((netflow, done) => writeStatus(netflow, argv, done)),
};

const start: CommandModule<object, StartArguments> = {
  command: 'start',
  describe: 'Start the driver if it is not running',
  builder: (yargs) => withJson(yargs).options({ 'max-processes': maxProcessesOption }),
  handler: (argv) =>
    change(argv, 'started', (netflow) => netflow.driver.start(given({ maxProcesses: argv['max-processes'] }))),
};

function action(
  name: 'install' | 'stop' | 'uninstall',
  describe: string,
  result: string,
): CommandModule<object, DriverArguments> {
  return {
    command: name,
    describe,
    builder: withJson,
    handler: (argv) => change(argv, result, (netflow) => netflow.driver[name]()),
  };
}

function withJson(yargs: Argv): Argv<DriverArguments> {
  return yargs.options({ json: jsonOption });
}

function change(argv: DriverArguments, result: string, act: (netflow: NetFlow) => Promise<void>): Promise<void> {
  return withNetFlow(async (netflow, done) => {
    await act(netflow);
    done();
    process.stderr.write(`netflow: driver ${result}\n`);
    if (argv.json) await writeStatus(netflow, argv, done);
  });
}

async function writeStatus(netflow: NetFlow, { json }: DriverArguments, done: () => void): Promise<void> {
  const current = await netflow.driver.status();
  done();
  if (json) {
    await writeLines([jsonObject(current)]);
    return;
  }
  const { coloursFor } = await import('../output/colour.js');
  const dropped = await netflow.limit.droppedPackets();
  await writeLines(statusLines(current, dropped, coloursFor(process.stdout)));
}

/** `netflow driver …`: the state of the part in the kernel. */
export const driver = parentOf('driver', 'Show or change the state of the driver', [
  status,
  action('install', 'Install the driver, to be started with the machine', 'installed'),
  start,
  action('stop', 'Stop the driver and remove every trace from the kernel', 'stopped'),
  action('uninstall', 'Stop the driver and remove every trace from the machine', 'uninstalled'),
]);
