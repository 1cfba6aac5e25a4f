import { type Ranges, WORDS } from "./char-set.js";

/** Units that no set of a pattern tells apart, as numbers from 0; one number more stands for the start of the text. */
export interface UnitClasses {
  readonly count: number;
  /** One more than the number of a unit's class, by unit; 0 for a unit that has not been seen. */
  readonly known: Uint16Array;
  /** Finds what `known` does not know yet: a text has few different units. */
  readonly learn: (unit: number) => number;
  /** A unit of each class: what is true of it is true of all of them. */
  readonly firsts: Uint32Array;
}

/** The classes that some sets, and the question what a word is, make of all units. */
export function unitClasses(sets: ReadonlySet<Ranges>): UnitClasses {
  const cuts = new Set([0]);
  for (const ranges of [WORDS, ...sets]) {
    for (let i = 0; i < ranges.length; i += 2) cuts.add(ranges[i] ?? 0).add((ranges[i + 1] ?? 0) + 1);
  }
  const firsts = Uint32Array.from(cuts).sort();
  const known = new Uint16Array(0x10000);
  return {
    count: firsts.length,
    known,
    learn: (unit) => {
      const found = lastNotAbove(firsts, unit) + 1;
      known[unit] = found;
      return found;
    },
    firsts,
  };
}

function lastNotAbove(firsts: Uint32Array, unit: number): number {
  let low = 0;
  let high = firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((firsts[middle] ?? 0) > unit) high = middle - 1;
    else low = middle;
  }
  return low;
}
