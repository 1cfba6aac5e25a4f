import type { Ranges } from "./char-set.js";

/** A parsed pattern. */
export type PatternNode =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "assert"; readonly at: "start" | "end" | "word-edge" | "inside" }
  | { readonly kind: "sequence"; readonly nodes: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly nodes: readonly PatternNode[] }
  | { readonly kind: "group"; readonly index: number; readonly node: PatternNode }
  | {
      readonly kind: "repeat";
      readonly node: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly isGreedy: boolean;
      /** The groups inside, which each round forgets: from `firstGroup` to before `endGroup`. */
      readonly firstGroup: number;
      readonly endGroup: number;
    }
  | { readonly kind: "reference"; readonly index: number }
  | {
      readonly kind: "look";
      readonly isAhead: boolean;
      readonly isNegative: boolean;
      readonly node: PatternNode;
    };

export interface ParsedPattern {
  readonly root: PatternNode;
  readonly groups: number;
  /** Lookaround and backreferences: only a backtracking matcher can tell. */
  readonly needsBacktracking: boolean;
}
