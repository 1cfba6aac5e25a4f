import { NESTING_MAX } from "./compile-rows.js";
import type { Environment, Expression, Row } from "./expression.js";
import { ExpressionError } from "./expression-error.js";
import { limitedText, WORK_MAX } from "./functions/limits.js";
import { type Meter, metered, spend } from "./functions/meter.js";
import { isKeyed, isList, type Keyed, setOwn } from "./functions/own.js";
import { lookupFunction, takesNoHandover } from "./functions/registry.js";
import { workToMake, workToRead } from "./functions/work.js";
import { addWritten, noSize, type WrittenSize } from "./functions/written-size.js";
import { inPlaceFold } from "./in-place.js";
import { readPath } from "./read-path.js";

/** Rows that one evaluation may run, those of nested pipes and of each pass of a reduce included. */
const ROWS_MAX = 10_000_000;

/** What one evaluation may take. */
export interface Limits {
  readonly rows: number;
  /** In units of about a nanosecond. */
  readonly work: number;
}

const LIMITS: Limits = { rows: ROWS_MAX, work: WORK_MAX };

/** The variables of the reduce pass that runs. */
interface Pass {
  readonly input: unknown;
  /** The keys of an object; null: positions. */
  readonly keys: readonly string[] | null;
  output: unknown;
  item: unknown;
  index: number;
}

/** One evaluation. What it throws leaves `place` where it was thrown. */
interface Run {
  readonly environment: Environment;
  readonly place: (string | number)[];
  readonly rowsMax: number;
  /** What the pipes have given so far, written out. */
  readonly size: WrittenSize;
  rowsLeft: number;
  depth: number;
  pass: Pass | null;
}

/** Values that a list of rows works with. */
interface Flow {
  carry: readonly unknown[];
  /** Results of nested pipes that no list row has taken yet. */
  queue: unknown[];
  /** Has a list row or a reduce run? Only then do nested pipes receive the carry. */
  hasRun: boolean;
}

type Call = Extract<Expression, { op: "call" }>;

const NO_INPUTS: readonly unknown[] = Object.freeze([]);

/**
 * The value of an expression. It sees nothing but the expression and the environment and changes neither. Whatever
 * throws surfaces as an `ExpressionError` that says where.
 */
export function evaluate(expression: Expression, environment: Environment): unknown {
  return evaluateWithin(expression, environment, LIMITS);
}

/** The same with other limits. */
export function evaluateWithin(expression: Expression, environment: Environment, limits: Limits): unknown {
  switch (expression.op) {
    case "literal":
      return expression.value;
    case "ref":
      return readPath(environment.root(expression.root), expression.path);
    case "undefined":
    case "variable":
      return undefined;
    case "call":
    case "list":
    case "object":
    case "pipe": {
      const place: (string | number)[] = [];
      const run: Run = {
        environment,
        place,
        rowsMax: limits.rows,
        rowsLeft: limits.rows,
        size: noSize(),
        depth: 0,
        pass: null,
      };
      const meter: Meter = { max: limits.work, left: limits.work };
      try {
        return metered(meter, () => resolve(run, expression));
      } catch (error) {
        throw new ExpressionError(error, run.place);
      }
    }
  }
}

function resolve(run: Run, expression: Expression): unknown {
  switch (expression.op) {
    case "literal":
      return expression.value;
    case "undefined":
      return undefined;
    case "ref":
      return readPath(run.environment.root(expression.root), expression.path);
    case "variable":
      return run.pass === null ? undefined : readPath(variable(run.pass, expression.name), expression.path);
    case "call":
      return call(run, expression, NO_INPUTS);
    case "list":
      return expression.items.map((item, index) => valueAt(run, item, index));
    case "object": {
      const made: Keyed = {};
      for (const [key, value] of expression.entries) setOwn(made, key, valueAt(run, value, key));
      return made;
    }
    case "pipe":
      return outermost(run, expression.rows);
  }
}

/** A pipe whose value leaves the evaluation, which only a value that can be written out may. */
function outermost(run: Run, rows: readonly Row[]): unknown {
  const value = runPipe(run, rows, null);
  if (isKeyed(value) || typeof value === "string") addWritten(run.size, value);
  return value;
}

function valueAt(run: Run, expression: Expression, step: string | number): unknown {
  run.place.push(step);
  const value = resolve(run, expression);
  run.place.pop();
  return value;
}

function variable(pass: Pass, name: "item" | "key" | "index" | "input" | "output"): unknown {
  return name === "key" ? (pass.keys === null ? String(pass.index) : pass.keys[pass.index]) : pass[name];
}

function call(run: Run, { fn }: Call, inputs: readonly unknown[]): unknown {
  const mappingFunction = lookupFunction(fn);
  if (mappingFunction === undefined) throw new TypeError(`{@${fn}} is no function of the catalogue`);
  spend(workToRead(fn, inputs));
  const result = mappingFunction(inputs, run.environment);
  spend(workToMake(fn, result));
  return typeof result === "string" ? limitedText(result) : result;
}

function runPipe(run: Run, rows: readonly Row[], handed: readonly unknown[] | null): unknown {
  enter(run, "@pipe");
  const flow: Flow = { carry: NO_INPUTS, queue: [], hasRun: false };
  const first = rows[0];
  if (first?.row === "cells") {
    startRow(run, 0);
    flow.carry = openingCarry(run, first.cells, handed);
    flow.hasRun = true;
  }
  runRows(run, rows, { flow, from: flow.hasRun ? 1 : 0, to: rows.length });
  leave(run);
  return flow.carry[0];
}

/** Row 0: every cell by itself, except that a function may receive what the enclosing pipe hands over. */
function openingCarry(run: Run, cells: readonly Expression[], handed: readonly unknown[] | null): unknown[] {
  return cells.map((cell, index) => {
    const isHandedOver = index === 0 && handed !== null && cell.op === "call" && !takesNoHandover(cell.fn);
    return isHandedOver ? call(run, cell, handed) : resolve(run, cell);
  });
}

function runRows(run: Run, rows: readonly Row[], span: { flow: Flow; from: number; to: number }): void {
  const { flow } = span;
  for (let index = span.from; index < span.to; index++) {
    const row = rows[index];
    if (row === undefined) return;
    startRow(run, index);
    switch (row.row) {
      case "cells":
        flow.carry = operatorCarry(run, row.cells, takeInputs(flow));
        flow.hasRun = true;
        break;
      case "pipe":
        flow.queue.push(runPipe(run, row.rows, flow.hasRun ? flow.carry : null));
        break;
      case "reduce":
        flow.carry = [reduce(run, row.rows, flow.carry)];
        flow.hasRun = true;
        break;
      case "bad":
        throw new TypeError(row.reason);
    }
  }
}

/** What the next list row works on: the results of nested pipes, or else the carry. */
function takeInputs(flow: Flow): readonly unknown[] {
  if (flow.queue.length === 0) return flow.carry;
  const inputs = flow.queue;
  flow.queue = [];
  return inputs;
}

function operatorCarry(run: Run, cells: readonly Expression[], inputs: readonly unknown[]): unknown[] {
  const operator = cells[0];
  if (operator?.op !== "call" && operator?.op !== "variable") throw new TypeError("a row has no operator");
  const carry = [operator.op === "call" ? call(run, operator, inputs) : resolve(run, operator)];
  for (let i = 1; i < cells.length; i++) {
    const cell = cells[i];
    carry.push(cell === undefined ? undefined : resolve(run, cell));
  }
  return carry;
}

/** Folds carry[0] from carry[1]. No snapshot is taken because nothing that runs can change the collection. */
function reduce(run: Run, body: readonly Row[], carry: readonly unknown[]): unknown {
  const [input, initial = null] = carry;
  const keys = isKeyed(input) && !isList(input) && !(input instanceof Date) ? Object.keys(input) : null;
  const items = keys ?? (isList(input) || typeof input === "string" ? input : NO_INPUTS);
  if (body.length === 0 || items.length === 0) return initial;
  const outer = run.pass;
  const pass: Pass = { input, keys, output: initial, item: undefined, index: 0 };
  const fold = items.length > 1 ? inPlaceFold(body) : null;
  enter(run, "@reduce");
  run.pass = pass;
  for (let index = 0; index < items.length; index++) {
    pass.index = index;
    pass.item = keys === null || !isKeyed(input) ? items[index] : input[keys[index] ?? ""];
    const flow: Flow = { carry: [pass.output], queue: [], hasRun: false };
    // The first pass makes a copy; from then on the accumulator belongs to this reduce alone.
    const isOwn = fold !== null && index > 0 && isKeyed(pass.output);
    runRows(run, body, { flow, from: 0, to: isOwn ? body.length - 1 : body.length });
    if (isOwn) {
      startRow(run, body.length - 1);
      pass.output = fold(takeInputs(flow));
    } else {
      pass.output = flow.carry[0];
    }
  }
  run.pass = outer;
  leave(run);
  return pass.output;
}

function enter(run: Run, mark: "@pipe" | "@reduce"): void {
  run.depth += 1;
  run.place.push(mark, 0);
  if (run.depth > NESTING_MAX) throw new RangeError(`pipes and reduces are nested deeper than ${NESTING_MAX}`);
}

function startRow(run: Run, index: number): void {
  run.place[run.place.length - 1] = index;
  run.rowsLeft -= 1;
  if (run.rowsLeft < 0) throw new RangeError(`an evaluation is limited to ${run.rowsMax} rows`);
}

function leave(run: Run): void {
  run.place.length -= 2;
  run.depth -= 1;
}
