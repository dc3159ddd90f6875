import { randomInt } from 'node:crypto';

/** Another one for each run; that of a run that failed, given as NETFLOW_SEED, repeats it. */
export const seed = Number(process.env['NETFLOW_SEED'] ?? randomInt(2 ** 32));

/** A sequence of whole numbers below what each call says; the same for the same seed. */
export function randomNumbers(start = seed): (limit: number) => number {
  let state = start >>> 0;
  return (limit) => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % limit;
  };
}
