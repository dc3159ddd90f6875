import { basename } from 'node:path/win32';
import type { RunningProcesses } from '../driver.js';
import { kernel32 } from './kernel32.js';
import { serviceNameOf } from './service-names.js';
import { readSystemProcess } from './system-process.js';
import { must, Win32Error } from './win32-error.js';

const idBytes = 4;

/** A process goes by its executable's file name; filters let its ending out. */
export const windowsRunning: RunningProcesses = {
  ids: () => {
    // Windows doesn't say how many there are, only that the room was not enough.
    for (let room = 4096; ; room *= 2) {
      const [ids, written] = [Buffer.alloc(room * idBytes), [0]];
      must('K32EnumProcesses', kernel32.K32EnumProcesses(ids, ids.length, written));
      const bytes = written[0] ?? 0;
      if (bytes < ids.length) return [...new Uint32Array(ids.buffer, ids.byteOffset, bytes / idBytes)];
    }
  },
  namesOf: (processId) => {
    try {
      const path = readSystemProcess(processId)?.path ?? null;
      return path === null ? [] : [basename(path)];
    } catch (error) {
      if (error instanceof Win32Error) return [];
      throw error;
    }
  },
  describe: (processId) => ({ commandLine: null, service: serviceNameOf(processId) }),
};
