/** Random numbers that a seed determines: one seed, one run. */
export interface Prng {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number, at least 0, below `n`. */
  below(n: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One of the list, which must not be empty. */
  pick<T>(list: readonly T[]): T;
  /** A generator of its own for `name`: what one part draws does not shift what another part gets. */
  fork(name: string): Prng;
}

/** A generator for a seed (sfc32, its state hashed from the text of the seed). */
export function prng(seed: string | number): Prng {
  const next = sfc32(String(seed));
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (p) => next() < p,
    pick: (list) => {
      const drawn = list.slice(below(list.length));
      for (const item of drawn) return item;
      throw new RangeError("pick: the list is empty");
    },
    fork: (name) => prng(`${seed}/${name}`),
  };
}

function sfc32(seed: string): () => number {
  let [a, b, c, d] = [hash(`${seed}0`), hash(`${seed}1`), hash(`${seed}2`), 1];
  const next = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  // The first outputs of seeds that differ in one bit are still alike.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 16_777_619);
  return state | 0;
}
