import { spawnSync } from 'node:child_process';
import { service, serviceState } from '../../../core/driver/windows/service.js';

/**
 * The simulated filtering platform is the service Tcpip here, on which the driver depends. It has to run before the driver
 * is loaded, and all the time: Wine ends the process that holds drivers with the last of them.
 */
export const mochaHooks = {
  beforeAll(): void {
    if (service.state('Tcpip') === serviceState.running) return;
    const { status, error } = spawnSync('sc.exe', ['start', 'Tcpip'], { stdio: 'ignore' });
    if (error) throw error;
    if (status !== 0) throw new Error(`the simulated platform does not start: error ${status}`);
  },
};
