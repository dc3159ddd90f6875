import { closeSync } from 'node:fs';
import { namespaceId } from '../netlink/namespace-ids.js';
import { NetlinkSocket } from '../netlink/socket.js';
import { ChangeWatcher, ownId } from '../netlink/watcher.js';
import { openNamespace, ownFile, type Namespace } from './namespaces.js';

/** Tells in which network namespaces devices or queues change. */
export class Changes {
  readonly #watcher = new ChangeWatcher();
  #inodes: ReadonlyMap<number, number> = new Map();

  /** From now on these namespaces are watched. */
  watch(namespaces: readonly Namespace[]): void {
    const known = new Set(this.#inodes.values());
    if (known.size === namespaces.length && namespaces.every(({ inode }) => known.has(inode))) return;
    using socket = new NetlinkSocket();
    this.#inodes = new Map(
      namespaces.flatMap((namespace) => {
        const id = namespace.file === ownFile ? ownId : idOf(socket, namespace);
        return id === undefined ? [] : [[id, namespace.inode]];
      }),
    );
  }

  /** The inodes of those that have changed: none where nothing does for so many milliseconds. */
  async wait(milliseconds: number): Promise<ReadonlySet<number>> {
    await this.#watcher.wait(milliseconds);
    return new Set(this.#watcher.take().flatMap((id) => this.#inodes.get(id) ?? []));
  }

  close(): void {
    this.#watcher.close();
  }
}

function idOf(socket: NetlinkSocket, { file, inode }: Namespace): number | undefined {
  const fd = openNamespace(file, inode);
  if (fd === null) return undefined;
  try {
    return namespaceId(socket, fd);
  } finally {
    closeSync(fd);
  }
}
