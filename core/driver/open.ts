import { NetFlowError } from '../errors.js';
import type { Driver } from './driver.js';

/** The driver of this platform. The only place where the platform is asked for. */
export async function openDriver(): Promise<Driver> {
  if (process.platform === 'linux') {
    const { EbpfDriver } = await import('./linux/ebpf-driver.js');
    return new EbpfDriver();
  }
  if (process.platform === 'win32') {
    const { WfpDriver } = await import('./windows/wfp-driver.js');
    return new WfpDriver();
  }
  throw new NetFlowError(
    'DRIVER_UNAVAILABLE',
    `NetFlow has no driver for ${process.platform}: it runs on Linux 6.3 and later, and on Windows 7 and later.`,
  );
}
