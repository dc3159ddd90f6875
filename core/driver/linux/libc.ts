import koffi, { type LibraryHandle } from 'koffi';
import { NetFlowError } from '../../errors.js';
import { describeErrno } from './errno.js';
import { ownMount } from './paths.js';

let loaded: ReturnType<typeof declareCalls> | undefined;

/** The system calls that Node does not offer, from the C library that Node itself runs on. */
export function loadLibc(): Libc {
  loaded ??= declareCalls();
  return loaded;
}

export type Libc = ReturnType<typeof declareCalls>;

function declareCalls() {
  const libc = koffi.load(null);
  const Timespec = koffi.struct({ tv_sec: 'int64_t', tv_nsec: 'int64_t' });
  const Passwd = koffi.struct({ pw_name: 'const char *' });
  const clock = (name: string) => libc.func(name, 'int', ['int', koffi.out(koffi.pointer(Timespec))]);
  const clockGettime = clock('clock_gettime');
  const clockGetres = clock('clock_getres');
  const getpwuid = libc.func('getpwuid', koffi.pointer(Passwd), ['uint32_t']);
  const flock = libc.func('int flock(int fd, int operation)');
  const mount = libc.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
  );
  const umount = libc.func('int umount(const char *target)');

  return {
    ...networkCalls(libc),
    clockTime: (id: number) => readClock(clockGettime, id),
    clockResolution: (id: number) => readClock(clockGetres, id),
    /** Asks every source that the machine is set up with (files, LDAP, SSSD). */
    userName(uid: number): string | null {
      const entry: unknown = getpwuid(uid);
      return entry === null ? null : (koffi.decode(entry, Passwd) as { pw_name: string }).pw_name;
    },
    /** Takes the lock where nobody has it. */
    tryLock(fd: number): boolean {
      const exclusiveAtOnce = 2 | 4;
      return flock(fd, exclusiveAtOnce) === 0;
    },
    mountBpffs(target: string): void {
      if (mount(ownMount, target, 'bpf', 0, 'mode=0700') === 0) return;
      throw new NetFlowError(
        'DRIVER_UNAVAILABLE',
        `bpffs can't be mounted at ${target}: ${describeErrno(koffi.errno())}.`,
      );
    },
    unmount(target: string): boolean {
      return umount(target) === 0;
    },
  };
}

function networkCalls(libc: LibraryHandle) {
  const setns = libc.func('int setns(int fd, int type)');
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, ...)');
  const NameIndex = koffi.struct({ if_index: 'unsigned int', if_name: 'const char *' });
  const ifNameindex = libc.func('if_nameindex', koffi.pointer(NameIndex), []);
  const ifFreenameindex = libc.func('if_freenameindex', 'void', [koffi.pointer(NameIndex)]);

  return {
    /** Has this thread, and what it starts, use another network namespace. */
    enterNetwork(fd: number): void {
      const network = 0x4000_0000;
      if (setns(fd, network) === 0) return;
      throw new NetFlowError('FAILED', `A network namespace can't be entered: ${describeErrno(koffi.errno())}.`);
    },
    /** Opens the user namespace that a namespace belongs to; below 0 where that can't be seen. */
    openOwner(namespace: number): number {
      const getUserNamespace = 0xb701;
      return ioctl(namespace, getUserNamespace) as number;
    },
    /** The numbers of the interfaces in this thread's network namespace. */
    interfaces(): number[] {
      const list: unknown = ifNameindex();
      if (list === null) return [];
      const numbers: number[] = [];
      for (let at = 0; ; at++) {
        const entry = koffi.decode(list, at * koffi.sizeof(NameIndex), NameIndex) as { if_index: number };
        if (entry.if_index === 0) break;
        numbers.push(entry.if_index);
      }
      ifFreenameindex(list);
      return numbers;
    },
  };
}

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;

/** Nanoseconds. */
function readClock(call: (id: number, time: object) => unknown, id: number): bigint {
  const time: { tv_sec?: number | bigint; tv_nsec?: number | bigint } = {};
  call(id, time);
  return BigInt(time.tv_sec ?? 0) * 1_000_000_000n + BigInt(time.tv_nsec ?? 0);
}
