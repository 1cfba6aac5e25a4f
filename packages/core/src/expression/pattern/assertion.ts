import { includes, isWordUnit } from "./char-set.js";
import type { Instruction } from "./program.js";

/** Does an assertion hold between two units of the text? */
export function holds(at: "start" | "end" | "word-edge" | "inside", text: string, position: number): boolean {
  if (at === "start") return position === 0;
  if (at === "end") return position === text.length;
  const isEdge = isWordAt(text, position - 1) !== isWordAt(text, position);
  return at === "word-edge" ? isEdge : !isEdge;
}

function isWordAt(text: string, position: number): boolean {
  return position >= 0 && position < text.length && isWordUnit(text.charCodeAt(position));
}

/** Does a `unit` instruction accept a unit? */
export function accepts(instruction: Extract<Instruction, { op: "unit" }>, unit: number): boolean {
  return unit < 128 ? instruction.ascii[unit] === 1 : includes(instruction.ranges, unit);
}
