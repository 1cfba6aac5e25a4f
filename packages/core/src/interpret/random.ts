import type { Position } from "../job/lineage.js";
import { pathOf } from "../job/path.js";
import { sha256 } from "../plan/sha-256.js";
import type { Draft } from "./draft.js";

/**
 * The random numbers of one pass in one step: derived from what the step is about, so that a step that is decided again
 * draws the same ones. A 32-bit mulberry generator over a hash is plenty for mappings.
 */
export function randomSource(draft: Draft, position: Position): () => number {
  let state: number | null = null;
  return () => {
    state ??= seedOf(
      `${draft.record.generation}/${draft.record.revision}/${pathOf(position.activity, position.address)}`,
    );
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function seedOf(text: string): number {
  return sha256(text)
    .slice(0, 4)
    .reduce((seed, byte) => (seed << 8) | byte, 0);
}
