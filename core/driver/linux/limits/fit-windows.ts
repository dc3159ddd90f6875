import type { Libc } from '../libc.js';
import { limitedConnectionLayout } from '../layout.generated.js';
import { readPieces } from '../readers.js';
import { inEach, type Namespace } from './namespaces.js';
import type { LeftClasses, RuleMaps } from './rule-maps.js';

/**
 * Fits the windows of open connections to the limits, and gives the number of those that are limited, and the classes of
 * those whose process has ended. The driver counts the connections of each process meanwhile.
 */
export function fitWindows(
  libc: Libc,
  maps: RuleMaps,
  namespaces: readonly Namespace[],
): { limited: number; left: LeftClasses } {
  let limited = 0;
  const left = new Map<number, number>();
  const look = (piece: Buffer): void => {
    for (let offset = 0; offset < piece.length; offset += limitedConnectionLayout.size) {
      const id = piece.readUInt32LE(offset + limitedConnectionLayout.leftClass);
      if (id !== 0) left.set(id, piece.readUInt32LE(offset + limitedConnectionLayout.leftRule));
      limited += 1;
    }
  };
  maps.beginRound();
  inEach(libc, namespaces, () => readPieces('fit_windows', look));
  return { limited, left };
}
