import { PATTERN_MAX, SEARCHED_TEXT_MAX } from "../functions/limits.js";
import { spend } from "../functions/meter.js";
import { backtrackingSearch } from "./backtrack.js";
import { linearSearch, type Search } from "./linear-match.js";
import { parsePattern } from "./parse.js";
import { programOf } from "./program.js";

/** Of a step of a matcher, in units of an evaluation's work. */
const STEP_WORK = 30;

/**
 * Position of the first match of an ECMAScript pattern without flags, or -1. The matcher is our own because that of the
 * platform can take exponential time and cannot be interrupted: here the time is linear in the text, or, for patterns
 * with backreferences or lookaround, cut off. A bad pattern, one too large or a text too long throws.
 */
export function searchPattern(text: string, pattern: string): number {
  const { at, steps } = searchWithSteps(text, pattern);
  spend(steps * STEP_WORK);
  return at;
}

/** The same, with the steps that it took beside reading the text. */
export function searchWithSteps(text: string, pattern: string): Search {
  if (pattern.length > PATTERN_MAX) throw new RangeError(`a pattern is limited to ${PATTERN_MAX} UTF-16 units`);
  if (text.length > SEARCHED_TEXT_MAX) {
    throw new RangeError(`a text that is searched is limited to ${SEARCHED_TEXT_MAX} UTF-16 units`);
  }
  const program = programOf(parsePattern(pattern));
  return program.needsBacktracking ? backtrackingSearch(program, text) : linearSearch(program, text);
}
