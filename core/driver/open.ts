import { NetFlowError } from '../errors.js';
import type { Driver } from './driver.js';

/** How each platform's driver is opened. Nothing else in core asks for the platform to choose a driver. */
export const platforms: Partial<Record<NodeJS.Platform, () => Promise<Driver>>> = {
  linux: async () => new (await import('./linux/ebpf-driver.js')).EbpfDriver(),
  win32: async () => new (await import('./windows/wfp-driver.js')).WfpDriver(),
};

/** The driver of this platform. Throws DRIVER_UNAVAILABLE where there is none. */
export async function openDriver(): Promise<Driver> {
  const open = platforms[process.platform];
  if (open) return open();
  throw new NetFlowError(
    'DRIVER_UNAVAILABLE',
    `NetFlow has no driver for ${process.platform}: it runs on Linux 6.3 and later, and on Windows 7 and later.`,
  );
}
