import koffi from 'koffi';

let loaded: ReturnType<typeof declareCalls> | undefined;

/**
 * The calls of the C library for sockets, which Node has none of for netlink. They leave their error in koffi.errno().
 */
export function socketCalls(): ReturnType<typeof declareCalls> {
  loaded ??= declareCalls();
  return loaded;
}

/** struct msghdr, of which one part is used. */
export interface MessageHeader {
  name: null;
  nameSize: number;
  parts: { base: Buffer; size: number };
  partCount: number;
  control: Buffer;
  controlSize: number;
  flags: number;
}

interface ReceiveMessage {
  (fd: number, header: MessageHeader, flags: number): number;
  async(fd: number, header: MessageHeader, flags: number, done: (error: Error | null, length: number) => void): void;
}

function declareStructures(): void {
  koffi.struct('iovec', { base: 'void *', size: 'size_t' });
  koffi.struct('msghdr', {
    name: 'void *',
    nameSize: 'uint32_t',
    parts: 'iovec *',
    partCount: 'size_t',
    control: 'void *',
    controlSize: 'size_t',
    flags: 'int',
  });
}

function declareCalls() {
  declareStructures();
  const libc = koffi.load(null);
  const declare = (signature: string) => libc.func(signature);
  return {
    socket: declare('int socket(int domain, int type, int protocol)') as (
      domain: number,
      type: number,
      protocol: number,
    ) => number,
    connect: declare('int connect(int fd, const void *address, uint32_t size)') as (
      fd: number,
      address: Buffer,
      size: number,
    ) => number,
    setOption: declare('int setsockopt(int fd, int level, int name, const void *value, uint32_t size)') as (
      fd: number,
      level: number,
      name: number,
      value: Buffer,
      size: number,
    ) => number,
    send: declare('long send(int fd, const void *data, size_t size, int flags)') as Transfer,
    receiveMessage: declare('long recvmsg(int fd, msghdr *header, int flags)') as unknown as ReceiveMessage,
    receive: declare('long recv(int fd, void *data, size_t size, int flags)') as Transfer,
  };
}

type Transfer = (fd: number, data: Buffer, size: number, flags: number) => number;
