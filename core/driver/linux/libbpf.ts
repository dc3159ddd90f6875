import koffi, { type LibraryHandle } from 'koffi';
import { NetFlowError } from '../../errors.js';
import { describeErrno, errorNumbers } from './errno.js';

/** An object, program, map or link of libbpf. */
export type Handle = bigint;

export const libbpfName = 'libbpf.so.1';

/** Where and how a program is attached; only its beginning, which every libbpf knows. */
const LinkOptions = koffi.struct('bpf_link_create_opts', { sz: 'size_t', flags: 'uint32_t', padding: 'uint32_t' });

/** How a program is called by hand; what isn't named here is zero. */
const RunOptions = koffi.struct('bpf_test_run_opts', {
  sz: 'size_t',
  data_in: 'const void *',
  data_out: 'void *',
  data_size_in: 'uint32_t',
  data_size_out: 'uint32_t',
  ctx_in: 'void *',
  ctx_out: 'void *',
  ctx_size_in: 'uint32_t',
  ctx_size_out: 'uint32_t',
  retval: 'uint32_t',
  repeat: 'int',
  duration: 'uint32_t',
  flags: 'uint32_t',
  cpu: 'uint32_t',
  batch_size: 'uint32_t',
});

export type Libbpf = ReturnType<typeof declareCalls> & { messages: string[] };

let loaded: Libbpf | undefined;

/** Loads libbpf once, or says how to get it. Its messages are kept for the error that follows, not printed. */
export function loadLibbpf(): Libbpf {
  if (!loaded) {
    const library = openLibrary();
    loaded = { ...declareCalls(library), messages: collectMessages(library) };
  }
  return loaded;
}

/** Throws what libbpf just refused, with the kernel's reason and libbpf's last words. */
export function failWith(libbpf: Libbpf, what: string, errno = koffi.errno()): never {
  const said = libbpf.messages.at(-1);
  throw new NetFlowError(
    errno === errorNumbers.EPERM ? 'NOT_PERMITTED' : 'DRIVER_UNAVAILABLE',
    `${what}: ${describeErrno(errno)}${said ? ` (${said})` : ''}. The driver's status lists what it needs.`,
  );
}

/** The options of bpf_prog_test_run_opts for a `syscall` program: it reads `context`, and answers in it. */
export function runOptions(context: Buffer): object {
  return { sz: koffi.sizeof(RunOptions), ctx_in: context, ctx_size_in: context.length };
}

/** The options of bpf_link_create for a program beside others, whose order is nothing to it. */
export function linkOptions(): object {
  return { sz: koffi.sizeof(LinkOptions), flags: 0, padding: 0 };
}

/** The same for one that runs before all others of an interface. */
export function firstLinkOptions(): object {
  const before = 8;
  return { sz: koffi.sizeof(LinkOptions), flags: before, padding: 0 };
}

function openLibrary(): LibraryHandle {
  try {
    return koffi.load(libbpfName);
  } catch (error) {
    throw new NetFlowError(
      'DRIVER_UNAVAILABLE',
      `${libbpfName} can't be loaded: install the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, Arch).`,
      { cause: error },
    );
  }
}

function declareCalls(library: LibraryHandle) {
  const declare = (signature: string) => library.func(signature);
  return {
    ...declareQueries(declare),
    openObject: declare('void *bpf_object__open_mem(const void *bytes, size_t size, const void *options)') as (
      bytes: Buffer,
      size: number,
      options: null,
    ) => Handle | null,
    loadObject: declare('int bpf_object__load(void *object)') as (object: Handle) => number,
    closeObject: declare('void bpf_object__close(void *object)') as (object: Handle) => void,
    findProgram: declare('void *bpf_object__find_program_by_name(void *object, const char *name)') as Find,
    findMap: declare('void *bpf_object__find_map_by_name(void *object, const char *name)') as Find,
    setMaxEntries: declare('int bpf_map__set_max_entries(void *map, uint32_t entries)') as (
      map: Handle,
      entries: number,
    ) => number,
    setInitialValue: declare('int bpf_map__set_initial_value(void *map, const void *data, size_t size)') as (
      map: Handle,
      data: Buffer,
      size: number,
    ) => number,
    setAutoload: declare('int bpf_program__set_autoload(void *program, bool autoload)') as (
      program: Handle,
      autoload: boolean,
    ) => number,
    programFd: declare('int bpf_program__fd(void *program)') as (program: Handle) => number,
    mapFd: declare('int bpf_map__fd(void *map)') as (map: Handle) => number,
    attach: declare('void *bpf_program__attach(void *program)') as (program: Handle) => Handle | null,
    attachCgroup: declare('void *bpf_program__attach_cgroup(void *program, int cgroup_fd)') as (
      program: Handle,
      cgroupFd: number,
    ) => Handle | null,
    attachIterator: declare('void *bpf_program__attach_iter(void *program, const void *options)') as (
      program: Handle,
      options: null,
    ) => Handle | null,
    createLink: declare(
      'int bpf_link_create(int program, int target, int type, const bpf_link_create_opts *options)',
    ) as (program: number, target: number, type: number, options: object | null) => number,
    run: declare('int bpf_prog_test_run_opts(int program, bpf_test_run_opts *options)') as (
      program: number,
      options: object,
    ) => number,
    destroyLink: declare('int bpf_link__destroy(void *link)') as (link: Handle) => number,
    linkFd: declare('int bpf_link__fd(void *link)') as (link: Handle) => number,
    pin: declare('int bpf_obj_pin(int fd, const char *path)') as (fd: number, path: string) => number,
    open: declare('int bpf_obj_get(const char *path)') as (path: string) => number,
    ...declareMapCalls(declare),
  };
}

function declareMapCalls(declare: (signature: string) => ReturnType<LibraryHandle['func']>) {
  return {
    lookup: declare('int bpf_map_lookup_elem(int fd, const void *key, void *value)') as MapCall,
    remove: declare('int bpf_map_delete_elem(int fd, const void *key)') as (fd: number, key: Buffer) => number,
    nextKey: declare('int bpf_map_get_next_key(int fd, const void *key, void *next_key)') as (
      fd: number,
      key: Buffer | null,
      next: Buffer,
    ) => number,
    update: declare('int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)') as (
      fd: number,
      key: Buffer,
      value: Buffer,
      flags: number,
    ) => number,
  };
}

/** What asks the kernel about programs and links that are there. */
function declareQueries(declare: (signature: string) => ReturnType<LibraryHandle['func']>) {
  return {
    openProgram: declare('int bpf_prog_get_fd_by_id(uint32_t id)') as (id: number) => number,
    nextProgram: declare('int bpf_prog_get_next_id(uint32_t start, void *next)') as (
      start: number,
      next: Buffer,
    ) => number,
    info: declare('int bpf_obj_get_info_by_fd(int fd, void *info, void *size)') as (
      fd: number,
      info: Buffer,
      size: Buffer,
    ) => number,
  };
}

type Find = (object: Handle, name: string) => Handle | null;
type MapCall = (fd: number, key: Buffer, value: Buffer) => number;

/** libbpf hands its messages over as a format and a va_list, which only C can format. */
function collectMessages(library: LibraryHandle): string[] {
  const format = koffi.load(null).func('int vsnprintf(void *buffer, size_t size, const char *format, void *list)');
  const setPrint = library.func('void *libbpf_set_print(void *print)');
  const Print = koffi.proto('int netflow_print(int level, const char *format, void *list)');
  const messages: string[] = [];
  const buffer = Buffer.alloc(4096);
  const warning = 0;
  const print = (level: number, text: string, list: unknown): number => {
    if (level > warning) return 0;
    const length = format(buffer, buffer.length, text, list) as number;
    const message = buffer.toString('utf8', 0, Math.min(length, buffer.length - 1));
    messages.push(
      message
        .trim()
        .replace(/^libbpf: /u, '')
        .replace(/\s*\n[^]*$/u, ''),
    );
    return 0;
  };
  setPrint(koffi.register(print, koffi.pointer(Print)));
  return messages;
}
