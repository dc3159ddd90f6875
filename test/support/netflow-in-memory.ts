// The command line on a driver in memory, as a program of its own: signals, pipes and terminals need one.
import { platforms } from '../../core/driver/open.js';
import { main } from '../../bin/netflow.js';
import { connectionRecord, MemoryDriver, processRecord } from './memory-driver.js';

const driver = new MemoryDriver();
// More than a pipe holds.
driver.processes = Array.from({ length: 400 }, (_, index) =>
  processRecord({ processId: index + 1, name: `program${index}`, uploadBytes: 400 - index }),
);
driver.connections = driver.processes.map(({ processId }) => connectionRecord({ processId }));
await driver.start();
platforms[process.platform] = () => Promise.resolve(driver);
await main(process.argv.slice(2));
