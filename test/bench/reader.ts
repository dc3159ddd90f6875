// Reads everything through the library and says how long it took and how much memory: node reader.js FIRST TIMES
import { NetFlow } from '../../core/index.js';

const [, , first = 'list', times = '1'] = process.argv;
const netflow = await NetFlow.open();
const calls = { list: () => netflow.list(), connections: () => netflow.connections() };
const order = first === 'list' ? (['list', 'connections'] as const) : (['connections', 'list'] as const);
const milliseconds = { list: [] as number[], connections: [] as number[] };
const rows = { list: 0, connections: 0 };

for (let time = 0; time < Number(times); time++) {
  for (const name of order) {
    const begin = performance.now();
    rows[name] = (await calls[name]()).length;
    milliseconds[name].push(performance.now() - begin);
  }
}
const residentMegabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ milliseconds, rows, residentMegabytes }));
