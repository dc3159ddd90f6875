import { NetFlowError } from '../errors.js';
import type { Driver, OpenOptions } from './driver.js';

/** Opens the driver of each platform. Only this chooses a driver by the platform. */
export const platforms: Partial<Record<NodeJS.Platform, (options: OpenOptions) => Promise<Driver>>> = {
  linux: async (options) => new (await import('./linux/ebpf-driver.js')).EbpfDriver(options),
  win32: async () => new (await import('./windows/wfp-driver.js')).WfpDriver(),
};

/** Opens the driver of this platform. Throws DRIVER_UNAVAILABLE if it has none. */
export async function openDriver(options: OpenOptions): Promise<Driver> {
  const open = platforms[process.platform];
  if (open) return open(options);
  throw new NetFlowError(
    'DRIVER_UNAVAILABLE',
    `NetFlow has no driver for ${process.platform}: it runs on Linux 6.3 and later, and on Windows 10 and later.`,
  );
}
