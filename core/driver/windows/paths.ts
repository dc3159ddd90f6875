import { join } from 'node:path';
import { packageRoot } from '../../root.js';

/** The folder of drivers, which only administrators can write to. */
const driverFolder = (): string => join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'drivers');

export const serviceName = 'NetFlow';
export const installedFile = (): string => join(driverFolder(), 'netflow.sys');
export const lockFile = (): string => join(driverFolder(), 'netflow.lock');

/**
 * The installed file as the service manager needs it: the system may not know drive letters when it loads the driver.
 */
export const imagePath = String.raw`\SystemRoot\System32\drivers\netflow.sys`;

/** The driver that came with this package. */
export const packagedFile = (): string => join(packageRoot(), 'dist', 'driver', 'windows', 'netflow.sys');

/** Where Windows keeps the driver's service. */
export const serviceKey = String.raw`SYSTEM\CurrentControlSet\Services\NetFlow`;

/** Where the driver keeps path rules. */
export const savedRules = {
  key: String.raw`${serviceKey}\Parameters`,
  name: 'Rules',
} as const;
