import { spawnSync } from 'node:child_process';
import { service, serviceState } from '../../../core/driver/windows/service.js';

/** On a busy machine a Wine that has just been started may refuse to start a program (seen once: UNKNOWN). */
function waitForWine(): void {
  const tries = 10;
  for (let left = tries; left > 0; left--) {
    const { status } = spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    if (status === 0) return;
  }
  throw new Error(`Wine has not started a program in ${tries} tries`);
}

/**
 * The simulated WFP engine is the service Tcpip here, on which the driver depends. It has to run before the driver
 * is loaded, and all the time: Wine ends the process that holds drivers with the last of them.
 */
export const mochaHooks = {
  beforeAll(): void {
    waitForWine();
    if (service.state('Tcpip') === serviceState.running) return;
    const { status, error } = spawnSync('sc.exe', ['start', 'Tcpip'], { stdio: 'ignore' });
    if (error) throw error;
    if (status !== 0) throw new Error(`the simulated WFP engine does not start: error ${status}`);
  },
};
