import { accepts, holds } from "./assertion.js";
import type { Program } from "./program.js";

/**
 * Some 0.2 seconds on one core. Only a pattern that keeps dozens of places alive over a whole megabyte gets there, and
 * then the error is better than an engine that stands still.
 */
const STEPS_MAX = 20_000_000;

/** Places of a program that are alive at one position of the text, ordered by where their match would begin. */
interface Places {
  readonly at: Int32Array;
  /** Where the match began, by the same index. */
  readonly start: Int32Array;
  count: number;
}

interface Walk {
  readonly program: Program;
  readonly text: string;
  /** The position at which a place was last visited, so that no place is visited twice there. */
  readonly seen: Int32Array;
  readonly pending: Int32Array;
  steps: number;
  /** Earliest start of a match that is known, or -1. */
  best: number;
}

/**
 * First position where a program without backreferences and lookaround matches, or -1. All alternatives advance through
 * the text together, so that the time grows with the length of the text times the size of the program, never faster.
 * Only where a match begins is asked for: greed and groups make no difference to that.
 */
export function linearSearch(program: Program, text: string): number {
  const size = program.instructions.length;
  const seen = new Int32Array(size).fill(-1);
  const walk: Walk = { program, text, seen, pending: new Int32Array(2 * size + 2), steps: 0, best: -1 };
  let live = places(size);
  let next = places(size);
  for (let position = 0; position <= text.length; position++) {
    // A later start cannot beat a match that is known already.
    if (walk.best === -1) {
      follow(walk, live, { at: 0, start: position, position });
    }
    if (live.count === 0 && walk.best !== -1) break;
    if (live.count > 0 && position < text.length) advance(walk, live, { next, position });
    [live, next] = [next, live];
    next.count = 0;
    if (walk.steps > STEPS_MAX) throw new RangeError("a pattern took too many steps: it is too large for this text");
  }
  return walk.best;
}

/** Feeds the unit at `position` to every live place. */
function advance(walk: Walk, live: Places, { next, position }: { next: Places; position: number }): void {
  const { instructions } = walk.program;
  const unit = walk.text.charCodeAt(position);
  walk.steps += live.count;
  for (let i = 0; i < live.count; i++) {
    const at = live.at[i] ?? 0;
    const start = live.start[i] ?? 0;
    // Places are ordered by start: the rest begins no earlier than the match that is known.
    if (walk.best !== -1 && start >= walk.best) break;
    const instruction = instructions[at];
    if (instruction?.op === "unit" && accepts(instruction, unit)) {
      follow(walk, next, { at: at + 1, start, position: position + 1 });
    }
  }
}

/** Adds all places that can be reached without consuming a unit, and notes the start when the match is among them. */
function follow(walk: Walk, into: Places, from: { at: number; start: number; position: number }): void {
  const { seen, pending } = walk;
  const { instructions } = walk.program;
  let depth = 1;
  pending[0] = from.at;
  while (depth > 0) {
    depth -= 1;
    const place = pending[depth] ?? 0;
    const instruction = instructions[place];
    if (instruction === undefined || seen[place] === from.position) continue;
    seen[place] = from.position;
    walk.steps += 1;
    if (instruction.op === "unit") {
      into.at[into.count] = place;
      into.start[into.count] = from.start;
      into.count += 1;
    } else if (instruction.op === "match") {
      walk.best = from.start;
    } else if (instruction.op === "split") {
      pending[depth] = instruction.y;
      pending[depth + 1] = instruction.x;
      depth += 2;
    } else if (instruction.op === "jump") {
      pending[depth] = instruction.x;
      depth += 1;
    } else if (instruction.op === "assert" && holds(instruction.at, walk.text, from.position)) {
      pending[depth] = place + 1;
      depth += 1;
    }
  }
}

function places(size: number): Places {
  return { at: new Int32Array(size), start: new Int32Array(size), count: 0 };
}
