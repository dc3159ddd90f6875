import { loadLibc } from '../libc.js';
import { runAgent } from './agent.js';

runAgent(loadLibc()).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
