import { accepts } from "./assertion.js";
import { isWordUnit, type Ranges } from "./char-set.js";
import type { Program } from "./program.js";
import { type UnitClasses, unitClasses } from "./unit-classes.js";

/**
 * Steps of working out moves: at most 30 ms on one core. Only a pattern with thousands of places, in a text that visits
 * ever new sets of them, gets there, and then an error is better than an engine that stands still.
 */
const STEPS_MAX = 1_200_000;

/** What lies to the right of a position: the end of the text, a unit of a word, or another one. */
const END = 0;
const WORD = 1;
const OTHER = 2;

/** A set of places of the program, as it is between two units. What happens in it depends on the next unit alone. */
interface State {
  readonly places: readonly number[];
  readonly right: number;
  /** By class of the next unit: twice the next state, plus one when a match begins here; -1 when not yet known. */
  readonly moves: Int32Array;
}

/** What most instructions are, in tables: they are visited a million times in a search that is refused. */
interface Flat {
  readonly kinds: Uint8Array;
  readonly xs: Uint16Array;
  readonly ys: Uint16Array;
}

const UNIT = 1;
const SPLIT = 2;
const JUMP = 3;

interface Machine {
  readonly program: Program;
  readonly flat: Flat;
  readonly classes: UnitClasses;
  readonly states: State[];
  /** States by a hash of what they are. */
  readonly byHash: Map<number, number[]>;
  /** The round in which a place was last visited, so that none is visited twice. */
  readonly seen: Int32Array;
  round: number;
  steps: number;
}

/** The position, and the steps that it took beside one for each unit. */
export interface Search {
  readonly at: number;
  readonly steps: number;
}

/**
 * First position where a pattern without backreferences and lookaround matches, or -1. Its program is written backwards
 * and the text is read from its end, so that the last match that is found begins first; greed and groups make no
 * difference to that. The sets of places that occur become states whose moves are worked out once: each unit of the
 * text costs one look into a table.
 */
export function linearSearch(program: Program, text: string): Search {
  const classes = unitClasses(setsOf(program));
  const seen = new Int32Array(program.instructions.length).fill(-1);
  const machine: Machine = {
    program,
    flat: flattened(program),
    classes,
    states: [],
    byHash: new Map(),
    seen,
    round: 0,
    steps: 0,
  };
  const { states } = machine;
  let state = stateOf(machine, [], END);
  let at = -1;
  // Once for each unit of a megabyte: two looks into tables, and no calls.
  for (let position = text.length; position > 0; position--) {
    const unit = text.charCodeAt(position - 1);
    const next = (classes.known[unit] || classes.learn(unit)) - 1;
    const known = states[state]?.moves[next] ?? -1;
    const move = known === -1 ? makeMove(machine, state, next) : known;
    if (move & 1) at = position;
    state = move >> 1;
  }
  const last = makeMove(machine, state, classes.count);
  return { at: last & 1 ? 0 : at, steps: machine.steps };
}

function flattened({ instructions }: Program): Flat {
  const { length } = instructions;
  const flat = { kinds: new Uint8Array(length), xs: new Uint16Array(length), ys: new Uint16Array(length) };
  for (const [place, instruction] of instructions.entries()) {
    if (instruction.op === "unit") flat.kinds[place] = UNIT;
    if (instruction.op !== "split" && instruction.op !== "jump") continue;
    flat.kinds[place] = instruction.op === "split" ? SPLIT : JUMP;
    flat.xs[place] = instruction.x;
    if (instruction.op === "split") flat.ys[place] = instruction.y;
  }
  return flat;
}

function setsOf({ instructions }: Program): ReadonlySet<Ranges> {
  const sets = new Set<Ranges>();
  for (const instruction of instructions) if (instruction.op === "unit") sets.add(instruction.ranges);
  return sets;
}

function stateOf(machine: Machine, places: readonly number[], right: number): number {
  const { states } = machine;
  spend(machine, places.length);
  const hash = hashOf(places, right);
  const alike = machine.byHash.get(hash) ?? [];
  const known = alike.find((state) => isSame(states[state], places, right));
  if (known !== undefined) return known;
  const moves = new Int32Array(machine.classes.count + 1).fill(-1);
  // A table for each state is work too.
  spend(machine, moves.length >> 3);
  states.push({ places, right, moves });
  machine.byHash.set(hash, [...alike, states.length - 1]);
  return states.length - 1;
}

function hashOf(places: readonly number[], right: number): number {
  let hash = right;
  for (let i = 0; i < places.length; i++) hash = (Math.imul(hash, 16_777_619) ^ (places[i] ?? 0)) | 0;
  return hash;
}

/** The same places in another order are another state, which costs time and changes nothing. */
function isSame(state: State | undefined, places: readonly number[], right: number): boolean {
  if (state === undefined || state.right !== right || state.places.length !== places.length) return false;
  for (let i = 0; i < places.length; i++) if (state.places[i] !== places[i]) return false;
  return true;
}

/** Works out what the next unit does in a state. A match may end anywhere, so it begins anew in every state. */
function makeMove(machine: Machine, from: number, next: number): number {
  const { classes } = machine;
  const state = machine.states[from];
  if (state === undefined) return 0;
  const isStart = next === classes.count;
  const isWord = !isStart && isWordUnit(classes.firsts[next] ?? 0);
  const edge: Edge = { isStart, isEnd: state.right === END, isWordEdge: isWord !== (state.right === WORD) };
  const { units, isMatch } = reached(machine, [...state.places, 0], edge);
  let target = 0;
  if (!isStart) {
    const unit = classes.firsts[next] ?? 0;
    const places: number[] = [];
    for (const place of units) if (isAccepted(machine.program, place, unit)) places.push(place + 1);
    target = stateOf(machine, places, isWord ? WORD : OTHER);
  }
  const move = 2 * target + (isMatch ? 1 : 0);
  state.moves[next] = move;
  return move;
}

/** Where a state is, as far as assertions ask. */
interface Edge {
  readonly isStart: boolean;
  readonly isEnd: boolean;
  readonly isWordEdge: boolean;
}

interface Reached {
  /** Places that wait for a unit. */
  readonly units: readonly number[];
  readonly isMatch: boolean;
}

function isAccepted({ instructions }: Program, place: number, unit: number): boolean {
  const instruction = instructions[place];
  return instruction?.op === "unit" && accepts(instruction, unit);
}

/** All places that can be reached without consuming a unit. */
function reached(machine: Machine, places: number[], edge: Edge): Reached {
  const { seen, program } = machine;
  const { kinds, xs, ys } = machine.flat;
  const units: number[] = [];
  let isMatch = false;
  machine.round += 1;
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (seen[place] === machine.round) continue;
    seen[place] = machine.round;
    spend(machine, 1);
    if (kinds[place] === UNIT) units.push(place);
    else if (kinds[place] === SPLIT) places.push(ys[place] ?? 0, xs[place] ?? 0);
    else if (kinds[place] === JUMP) places.push(xs[place] ?? 0);
    else {
      const instruction = program.instructions[place];
      if (instruction?.op === "match") isMatch = true;
      else if (instruction?.op === "assert" && holdsAt(instruction.at, edge)) places.push(place + 1);
    }
  }
  return { units, isMatch };
}

function holdsAt(at: "start" | "end" | "word-edge" | "inside", edge: Edge): boolean {
  if (at === "start") return edge.isStart;
  if (at === "end") return edge.isEnd;
  return edge.isWordEdge === (at === "word-edge");
}

function spend(machine: Machine, steps: number): void {
  machine.steps += steps;
  if (machine.steps > STEPS_MAX) {
    throw new RangeError("a pattern took too many steps: it is too large for this text");
  }
}
