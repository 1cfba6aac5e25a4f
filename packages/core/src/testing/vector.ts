import { compileConditions } from "../expression/compile-conditions.js";
import { compileExpression, compileMapping } from "../expression/compile-expression.js";
import { evaluate } from "../expression/evaluate.js";
import { conditionsHold } from "../expression/evaluate-conditions.js";
import type { Environment } from "../expression/expression.js";
import { isList, ownValue } from "../expression/functions/own.js";
import { lookupFunction } from "../expression/functions/registry.js";
import { applyKeySuffixes } from "../expression/key-suffixes.js";
import { decode } from "./vector-coding.js";

/** One mapping vector as its file has it. */
export interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly name?: string;
  readonly fn?: string;
  readonly args?: unknown;
  readonly pipe?: unknown;
  readonly value?: unknown;
  readonly rules?: unknown;
  readonly maps?: unknown;
  readonly rule?: unknown;
  readonly code?: unknown;
  readonly context?: unknown;
  readonly expect?: unknown;
  readonly throws?: true;
  readonly now?: string;
  readonly approx?: true;
  readonly shape?: string;
  readonly resultFlags?: { readonly frozen: boolean; readonly sealed: boolean; readonly extensible: boolean };
  readonly second?: { readonly expect: unknown };
  readonly objectPrototypeUnchanged?: true;
  readonly contextWritable?: true;
}

/** The decoded inputs of a vector: a second run uses the same rules object. */
export interface VectorInputs {
  readonly args: unknown;
  readonly rules: unknown;
  readonly context: unknown;
  readonly code: unknown;
}

export function vectorInputs(vector: Vector): VectorInputs {
  return {
    args: decode(vector.args),
    rules: decode(vector.pipe ?? vector.value ?? vector.rules ?? vector.maps ?? vector.rule),
    context: decode(vector.context),
    code: decode(vector.code),
  };
}

/** The result of a vector, or what it throws. */
export function runVector(vector: Vector, { args, rules, context, code }: VectorInputs): unknown {
  const environment = environmentOver(context, Date.parse(vector.now ?? "2024-05-01T10:07:30.000Z"));
  switch (vector.kind) {
    case "fn":
    case "nondeterministic": {
      const fn = lookupFunction(vector.fn?.slice(2, -1) ?? "");
      if (fn === undefined || !isList(args)) throw new Error(`${vector.id}: no function ${vector.fn}, or no inputs`);
      return fn(args, environment);
    }
    case "pipe":
    case "hazard":
      return evaluate(compileExpression({ "@pipe": rules }), environment);
    case "resolve":
      return evaluate(compileExpression(rules), environment);
    case "mapper":
      return evaluate(compileMapping(rules), environment);
    case "jobMaps":
      return applyKeySuffixes(evaluate(compileMapping(rules), environment));
    case "evaluate":
      return conditionsHold(compileConditions(rules), isCode(code) ? code : undefined, environment);
    default:
      throw new Error(`${vector.id}: unknown kind ${vector.kind}`);
  }
}

function isCode(code: unknown): code is number | string {
  return typeof code === "number" || typeof code === "string";
}

function environmentOver(context: unknown, now: number): Environment {
  return { root: (name) => ownValue(context, name), now, random: () => 0.25 };
}
