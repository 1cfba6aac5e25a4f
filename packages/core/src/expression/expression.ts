import type { Json } from "../json.js";

/**
 * A compiled mapping: frozen, plain data. Rows stay rows: a pipe's carry is
 * evaluated once and handed on, which a tree of nested calls could not express without evaluating it again.
 */
export type Expression =
  | { readonly op: "literal"; readonly value: Json }
  /** A value that JSON cannot carry. */
  | { readonly op: "undefined" }
  /** `{root.segment…}`: own properties only, a missing step is undefined. */
  | { readonly op: "ref"; readonly root: string; readonly path: readonly string[] }
  /** `{$item}`, `{$key}`, `{$index}`, `{$input}`, `{$output}`, each with an optional path. */
  | { readonly op: "variable"; readonly name: ReduceVariable; readonly path: readonly string[] }
  /** `{@namespace.name}` in a value position: called without inputs. */
  | { readonly op: "call"; readonly fn: string }
  | { readonly op: "list"; readonly items: readonly Expression[] }
  | { readonly op: "object"; readonly entries: readonly (readonly [key: string, value: Expression])[] }
  | { readonly op: "pipe"; readonly rows: readonly Row[] };

export type ReduceVariable = "item" | "key" | "index" | "input" | "output";

export type Row =
  | { readonly row: "cells"; readonly cells: readonly Expression[] }
  | { readonly row: "pipe"; readonly rows: readonly Row[] }
  | { readonly row: "reduce"; readonly rows: readonly Row[] }
  /** A row that always throws when it is reached; the compiler reports it, evaluation keeps the promise. */
  | { readonly row: "bad"; readonly reason: string };

/** What an evaluation may look at. It sees nothing else. */
export interface Environment {
  /** The value behind the first segment of a reference, or undefined. Called at most once per reference. */
  readonly root: (name: string) => unknown;
  /** Epoch milliseconds of the step: every expression of one step sees the same instant. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}
