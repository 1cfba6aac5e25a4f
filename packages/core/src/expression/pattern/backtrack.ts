import { accepts, holds } from "./assertion.js";
import type { Search } from "./linear-match.js";
import type { Instruction, Program } from "./program.js";

/** At most 40 ms on one core. */
const STEPS_MAX = 500_000;
const FAILED = -1;
const MATCHED = -2;

interface Attempt {
  readonly program: Program;
  readonly text: string;
  readonly registers: Int32Array;
  /** Overwritten registers, as pairs of register and former value. */
  readonly trail: number[];
  /** Where to go on when the present way leads nowhere, as triples of place, position and length of the trail. */
  readonly choices: number[];
  position: number;
  steps: number;
}

/**
 * First position where a program matches, or -1. It can tell everything, backreferences and lookaround included, but
 * its time can grow exponentially: it counts its steps and throws when there are too many.
 */
export function backtrackingSearch(program: Program, text: string): Search {
  const registers = new Int32Array(program.registers).fill(-1);
  const attempt: Attempt = { program, text, registers, trail: [], choices: [], position: 0, steps: 0 };
  for (let start = 0; start <= text.length; start++) {
    attempt.position = start;
    if (run(attempt, 0)) return { at: start, steps: attempt.steps };
  }
  return { at: -1, steps: attempt.steps };
}

/** Runs from a place of the program to the next `match`; false leaves the registers as they were. */
function run(attempt: Attempt, from: number): boolean {
  const { choices, program } = attempt;
  const base = choices.length;
  const trailBase = attempt.trail.length;
  let place = from;
  while (place !== MATCHED) {
    attempt.steps += 1;
    if (attempt.steps > STEPS_MAX) throw new RangeError("a pattern took too many steps: it backtracks too much");
    const instruction = program.instructions[place];
    place = instruction === undefined ? FAILED : step(attempt, instruction, place);
    if (place !== FAILED) continue;
    if (choices.length === base) {
      undo(attempt, trailBase);
      return false;
    }
    undo(attempt, choices.pop() ?? 0);
    attempt.position = choices.pop() ?? 0;
    place = choices.pop() ?? 0;
  }
  // What was found is final: the ways not taken are forgotten.
  choices.length = base;
  return true;
}

/** Carries one instruction out; the place to go on at, or FAILED, or MATCHED. */
function step(attempt: Attempt, instruction: Instruction, place: number): number {
  switch (instruction.op) {
    case "unit":
      return consume(attempt, instruction) ? place + 1 : FAILED;
    case "split":
      attempt.choices.push(instruction.y, attempt.position, attempt.trail.length);
      return instruction.x;
    case "jump":
      return instruction.x;
    case "assert":
      return holds(instruction.at, attempt.text, attempt.position) ? place + 1 : FAILED;
    case "save":
      remember(attempt, instruction.register, attempt.position);
      return place + 1;
    case "forget":
      attempt.steps += instruction.endGroup - instruction.firstGroup;
      for (let at = 2 * instruction.firstGroup; at < 2 * instruction.endGroup; at++) remember(attempt, at, -1);
      return place + 1;
    case "progress":
      return attempt.registers[instruction.register] === attempt.position ? FAILED : place + 1;
    case "reference":
      return repeatGroup(attempt, instruction) ? place + 1 : FAILED;
    case "look":
      return look(attempt, instruction, place) ? instruction.x : FAILED;
    case "match":
      return MATCHED;
  }
}

function consume(attempt: Attempt, instruction: Extract<Instruction, { op: "unit" }>): boolean {
  const at = instruction.isBackward ? attempt.position - 1 : attempt.position;
  if (at < 0 || at >= attempt.text.length || !accepts(instruction, attempt.text.charCodeAt(at))) return false;
  attempt.position = instruction.isBackward ? at : at + 1;
  return true;
}

/** A group that took no part matches the empty text. */
function repeatGroup(attempt: Attempt, instruction: Extract<Instruction, { op: "reference" }>): boolean {
  const { text, registers } = attempt;
  const from = registers[2 * instruction.index] ?? -1;
  const to = registers[2 * instruction.index + 1] ?? -1;
  if (from === -1 || to === -1) return true;
  const length = to - from;
  attempt.steps += length;
  const at = instruction.isBackward ? attempt.position - length : attempt.position;
  if (at < 0 || !text.startsWith(text.slice(from, to), at)) return false;
  attempt.position = instruction.isBackward ? at : at + length;
  return true;
}

function look(attempt: Attempt, instruction: Extract<Instruction, { op: "look" }>, place: number): boolean {
  const { position } = attempt;
  const trailBase = attempt.trail.length;
  const isFound = run(attempt, place + 1);
  attempt.position = position;
  if (isFound && instruction.isNegative) undo(attempt, trailBase);
  return isFound !== instruction.isNegative;
}

function remember(attempt: Attempt, register: number, value: number): void {
  attempt.trail.push(register, attempt.registers[register] ?? -1);
  attempt.registers[register] = value;
}

function undo({ trail, registers }: Attempt, length: number): void {
  while (trail.length > length) {
    const value = trail.pop() ?? -1;
    registers[trail.pop() ?? 0] = value;
  }
}
