import type { Libc } from '../libc.js';
import { limitedConnectionLayout } from '../layout.generated.js';
import { readPieces } from '../readers.js';
import { inEach, type Namespace } from './namespaces.js';
import type { LeftClasses, RuleMaps } from './rule-maps.js';

/** What a walk through connections has seen. */
export interface Walk {
  /** How many may be limited. */
  limited: number;
  /** The classes of those whose process has ended. */
  left: LeftClasses;
  /** The network namespaces of those that may be limited, by their inodes. */
  busy: ReadonlySet<number>;
}

/**
 * Fits the windows of open connections to the limits as they are now. The driver counts the connections
 * of each process meanwhile.
 */
export function fitWindows(libc: Libc, maps: RuleMaps, namespaces: readonly Namespace[]): Walk {
  let limited = 0;
  const busy = new Set<number>();
  const left = new Map<number, number>();
  const look = (piece: Buffer): void => {
    for (let offset = 0; offset < piece.length; offset += limitedConnectionLayout.size) {
      const id = piece.readUInt32LE(offset + limitedConnectionLayout.leftClass);
      if (id !== 0) left.set(id, piece.readUInt32LE(offset + limitedConnectionLayout.leftRule));
      limited += 1;
    }
  };
  maps.beginRound();
  inEach(libc, namespaces, ({ inode }) => {
    const before = limited;
    readPieces('fit_windows', look);
    if (limited > before) busy.add(inode);
  });
  return { limited, left, busy };
}
