import { kernel32 } from './kernel32.js';

/** Each drive letter (`C:`) with what it stands for: `\Device\HarddiskVolume1`. */
export function readDrives(): [string, string][] {
  const letters = kernel32.GetLogicalDrives();
  const target = Buffer.alloc(2 * 1024);
  const drives: [string, string][] = [];
  for (let index = 0; index < 26; index++) {
    if ((letters & (1 << index)) === 0) continue;
    const drive = `${String.fromCharCode(65 + index)}:`;
    if (kernel32.QueryDosDeviceW(drive, target, target.length / 2) > 0) drives.push([drive, firstText(target)]);
  }
  return drives;
}

/** Wide characters up to the first NUL. */
function firstText(buffer: Buffer): string {
  const text = buffer.toString('utf16le');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
