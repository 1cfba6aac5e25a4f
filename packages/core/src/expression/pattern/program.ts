import { includes, type Ranges } from "./char-set.js";
import type { ParsedPattern, PatternNode } from "./node.js";

/** Counted repetitions are written out, so a short pattern can ask for a huge program. */
const INSTRUCTIONS_MAX = 20_000;

/** One instruction. `x` and `y` are positions in the program unless the comment says otherwise. */
export type Instruction =
  /** Consumes one unit, forwards or, inside lookbehind, backwards. */
  | { readonly op: "unit"; readonly ranges: Ranges; readonly ascii: Uint8Array; readonly isBackward: boolean }
  /** Goes on at x, and at y when that leads nowhere. */
  | { readonly op: "split"; x: number; y: number }
  | { readonly op: "jump"; readonly x: number }
  | { readonly op: "assert"; readonly at: "start" | "end" | "word-edge" | "inside" }
  /** Remembers the place in a register. */
  | { readonly op: "save"; readonly register: number }
  /** Forgets the groups of the round before. */
  | { readonly op: "forget"; readonly firstGroup: number; readonly endGroup: number }
  /** Refuses a round of a loop that consumed nothing since its register was saved. */
  | { readonly op: "progress"; readonly register: number }
  | { readonly op: "reference"; readonly index: number; readonly isBackward: boolean }
  /** Runs the body that follows, up to its `match`, and goes on at x. */
  | { readonly op: "look"; x: number; readonly isNegative: boolean }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Two for each group, the whole match being group 0, and one for each loop. */
  readonly registers: number;
  readonly needsBacktracking: boolean;
}

interface Writer {
  readonly instructions: Instruction[];
  /** Groups and rounds are only remembered where something asks for them. */
  readonly remembers: boolean;
  registers: number;
  /** A repeated set is written many times and needs one table. */
  readonly tables: Map<Ranges, Uint8Array>;
}

/**
 * Translates a parsed pattern; one that would become too large throws. For the matcher that reads texts from their end
 * it is written backwards.
 */
export function programOf(pattern: ParsedPattern): Program {
  const remembers = pattern.needsBacktracking;
  const writer: Writer = { instructions: [], remembers, registers: 2 * (pattern.groups + 1), tables: new Map() };
  write(writer, pattern.root, !pattern.needsBacktracking);
  emit(writer, { op: "match" });
  return {
    instructions: writer.instructions,
    registers: writer.registers,
    needsBacktracking: pattern.needsBacktracking,
  };
}

function emit<T extends Instruction>(writer: Writer, instruction: T): T {
  if (writer.instructions.length >= INSTRUCTIONS_MAX) {
    throw new RangeError(`a pattern is limited to ${INSTRUCTIONS_MAX} steps when its repetitions are written out`);
  }
  writer.instructions.push(instruction);
  return instruction;
}

function write(writer: Writer, node: PatternNode, isBackward: boolean): void {
  switch (node.kind) {
    case "empty":
      return;
    case "set":
      emit(writer, { op: "unit", ranges: node.ranges, ascii: asciiTable(writer, node.ranges), isBackward });
      return;
    case "assert":
      emit(writer, { op: "assert", at: node.at });
      return;
    case "sequence":
      for (const part of isBackward ? node.nodes.toReversed() : node.nodes) write(writer, part, isBackward);
      return;
    case "choice":
      writeChoice(writer, node.nodes, isBackward);
      return;
    case "group":
      if (writer.remembers) emit(writer, { op: "save", register: 2 * node.index + (isBackward ? 1 : 0) });
      write(writer, node.node, isBackward);
      if (writer.remembers) emit(writer, { op: "save", register: 2 * node.index + (isBackward ? 0 : 1) });
      return;
    case "repeat":
      writeRepeat(writer, node, isBackward);
      return;
    case "reference":
      emit(writer, { op: "reference", index: node.index, isBackward });
      return;
    case "look": {
      const look = emit(writer, { op: "look", x: 0, isNegative: node.isNegative });
      write(writer, node.node, !node.isAhead);
      emit(writer, { op: "match" });
      look.x = writer.instructions.length;
    }
  }
}

function writeChoice(writer: Writer, nodes: readonly PatternNode[], isBackward: boolean): void {
  const jumps: { op: "jump"; x: number }[] = [];
  for (const [index, node] of nodes.entries()) {
    if (index === nodes.length - 1) {
      write(writer, node, isBackward);
      break;
    }
    const split = emit(writer, { op: "split", x: writer.instructions.length + 1, y: 0 });
    write(writer, node, isBackward);
    jumps.push(emit(writer, { op: "jump", x: 0 }));
    split.y = writer.instructions.length;
  }
  for (const jump of jumps) jump.x = writer.instructions.length;
}

type Repeat = Extract<PatternNode, { kind: "repeat" }>;

function writeRepeat(writer: Writer, node: Repeat, isBackward: boolean): void {
  let lastRound = 0;
  for (let round = 0; round < node.min; round++) {
    lastRound = writer.instructions.length;
    writeRound(writer, node, isBackward);
    // Nothing times a billion is nothing.
    if (writer.instructions.length === lastRound) return;
  }
  const isEndless = node.max === Number.POSITIVE_INFINITY;
  if (isEndless && node.min > 0 && !writer.remembers) {
    emit(writer, { op: "split", x: lastRound, y: writer.instructions.length + 1 });
    return;
  }
  if (isEndless) {
    const start = writer.instructions.length;
    const split = writeOptionalRound(writer, node, isBackward);
    emit(writer, { op: "jump", x: start });
    leaveTo(split, node, writer.instructions.length);
    return;
  }
  const splits = [];
  for (let round = node.min; round < node.max; round++) splits.push(writeOptionalRound(writer, node, isBackward));
  for (const split of splits) leaveTo(split, node, writer.instructions.length);
}

function writeOptionalRound(writer: Writer, node: Repeat, isBackward: boolean): { x: number; y: number } {
  const split = emit(writer, { op: "split", x: 0, y: 0 });
  if (node.isGreedy) split.x = writer.instructions.length;
  else split.y = writer.instructions.length;
  if (!writer.remembers) {
    writeRound(writer, node, isBackward);
    return split;
  }
  const register = writer.registers;
  writer.registers += 1;
  emit(writer, { op: "save", register });
  writeRound(writer, node, isBackward);
  emit(writer, { op: "progress", register });
  return split;
}

function leaveTo(split: { x: number; y: number }, node: Repeat, exit: number): void {
  if (node.isGreedy) split.y = exit;
  else split.x = exit;
}

function writeRound(writer: Writer, node: Repeat, isBackward: boolean): void {
  if (writer.remembers && node.endGroup > node.firstGroup) {
    emit(writer, { op: "forget", firstGroup: node.firstGroup, endGroup: node.endGroup });
  }
  write(writer, node.node, isBackward);
}

function asciiTable({ tables }: Writer, ranges: Ranges): Uint8Array {
  const known = tables.get(ranges);
  if (known !== undefined) return known;
  const table = Uint8Array.from({ length: 128 }, (_, unit) => (includes(ranges, unit) ? 1 : 0));
  tables.set(ranges, table);
  return table;
}
