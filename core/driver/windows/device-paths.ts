/**
 * The two names of a file: the kernel's (`\Device\HarddiskVolume1\Tools\curl.exe`), which the driver knows, and the one
 * that people know (`C:\Tools\curl.exe`, `\\server\share\tool.exe`).
 */
export class DevicePaths {
  readonly #drives: readonly [string, string][];

  /** Drive letters, as `C:`, with what each stands for. */
  constructor(drives: readonly [string, string][]) {
    this.#drives = drives;
  }

  /** A path on a device that has no drive letter stays as it is. */
  toDos(path: string): string {
    const network = afterPrefix(path, networkDevice);
    if (network !== null) return `\\${network}`;
    const drive = this.#drives.find(([, device]) => isDisk(device) && afterPrefix(path, device) !== null);
    if (drive) return drive[0] + (afterPrefix(path, drive[1]) ?? '');
    return path.startsWith(dosDevices) ? path.slice(dosDevices.length) : path;
  }

  /** A drive that is not there also has a name in the kernel, one that no process has. */
  toDevice(path: string): string {
    if (path.startsWith('\\\\')) return networkDevice + path.slice(1);
    if (!/^[a-z]:/iu.test(path)) return path;
    const target = this.#targetOf(path.slice(0, 2).toUpperCase());
    return target === undefined ? dosDevices + path : this.#resolve(target) + path.slice(2);
  }

  #targetOf(drive: string): string | undefined {
    return this.#drives.find(([letter]) => letter === drive)?.[1];
  }

  /** A drive may stand for a folder of another one (`subst`), or for a share on another machine. */
  #resolve(target: string): string {
    if (target.startsWith(dosDevices)) return this.toDevice(target.slice(dosDevices.length).replace(/\\$/u, ''));
    const share = /^\\Device\\[^\\]+\\;[^\\]+(\\.+)$/u.exec(target)?.[1];
    return share === undefined ? target : networkDevice + share;
  }
}

const networkDevice = '\\Device\\Mup';
const dosDevices = '\\??\\';

/** A device of its own, and neither a folder of another drive nor a share. */
function isDisk(device: string): boolean {
  return /^\\Device\\[^\\]+$/iu.test(device);
}

/** Returns what follows a device's name, with the \ before it; null for a path on another device. */
function afterPrefix(path: string, device: string): string | null {
  const rest = path.slice(device.length);
  return rest.startsWith('\\') && path.slice(0, device.length).toLowerCase() === device.toLowerCase() ? rest : null;
}
