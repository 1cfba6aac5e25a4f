import type { ActivityId, AppId, PlanId, Topic } from "../brand.js";
import type { Expression } from "../expression/expression.js";
import type { Json, JsonObject } from "../json.js";

/** One compiled version of an app: immutable plain JSON, addressed by the SHA-256 of its canonical form. */
export interface Plan {
  readonly format: 1;
  readonly id: PlanId;
  readonly app: AppId;
  readonly version: string;
  readonly settings: Json;
  /** In document order. */
  readonly graphs: readonly GraphPlan[];
}

/** One compiled graph. */
export interface GraphPlan {
  /** `subscribes`: the topic that starts a job. Unique in the plan. */
  readonly topic: Topic;
  /** `publishes`: the topic on which emissions and completions are announced. */
  readonly publishes: Topic | null;
  readonly expire: Expression | null;
  readonly persistent: Expression | null;
  /** The JSON Schema payloads are validated against; null unless the graph says `input.validate: true`. */
  readonly inputSchema: JsonObject | boolean | null;
  readonly trigger: ActivityId;
  /** In document order; ids are unique in the plan. */
  readonly activities: readonly ActivityPlan[];
  readonly hooks: readonly HookRule[];
  /** Leaf paths of every `job.maps` of the graph, without duplicates, in document order. */
  readonly jobFields: readonly (readonly string[])[];
}

/** One compiled activity, told apart by `type`. */
export type ActivityPlan =
  | TriggerPlan
  | WorkerPlan
  | AwaitPlan
  | HookPlan
  | SignalPlan
  | InterruptPlan
  | CyclePlan
  | CodePlan;

export interface ActivityCommon {
  readonly id: ActivityId;
  /** Outgoing transitions in document order, at most one per target. */
  readonly edges: readonly Edge[];
  /** What `job.maps` writes, leaf by leaf; empty for a cycle. */
  readonly writes: readonly JobWrite[];
  readonly emit: Expression | null;
  readonly persist: Expression | null;
  readonly statusThreshold: Expression | null;
  readonly telemetry: Expression | null;
  readonly join: "all" | "any" | null;
  /** Some cycle names this activity as its ancestor, or it says `cycle: true`. */
  readonly pivot: boolean;
  /** Sources of the edges that lead here, in document order. */
  readonly inbound: readonly ActivityId[];
  /** Activities that some expression of this one mentions (itself excluded), `{$job…}` and unknown roots excluded. */
  readonly mentions: readonly ActivityId[];
}

/** A compiled trigger. */
export interface TriggerPlan extends ActivityCommon {
  readonly type: "trigger";
  readonly stats: {
    readonly id: Expression | null;
    readonly key: Expression | null;
    readonly granularity: string;
    readonly measures: readonly { readonly measure: string; readonly label: string; readonly target: Expression }[];
  };
  readonly entity: Expression | null;
}

/** A compiled worker activity. */
export interface WorkerPlan extends ActivityCommon {
  readonly type: "worker";
  readonly topic: Expression;
  /** An object expression; null: the payload is `{}`. */
  readonly input: Expression | null;
  /** YAML `retry: { '503': [2] }`: how many times exactly that code is tried again. */
  readonly retry: readonly { readonly code: string; readonly retries: number }[];
}

export interface AwaitPlan extends ActivityCommon {
  readonly type: "await";
  readonly topic: Expression;
  readonly input: Expression | null;
  /** `await`: only a strict false does not wait. Null: waits. */
  readonly awaits: Expression | null;
}

export interface HookPlan extends ActivityCommon {
  readonly type: "hook";
  readonly sleep: Expression | null;
  readonly output: Expression | null;
  /** An object of expressions; null: no work item. */
  readonly escalation: Expression | null;
}

export interface SignalPlan extends ActivityCommon {
  readonly type: "signal";
  readonly subtype: "one" | "all";
  readonly topic: Expression;
  readonly output: Expression | null;
  /** `signal.maps`: the payload. */
  readonly payload: Expression | null;
  readonly status: Expression | null;
  readonly code: Expression | null;
  readonly keyName: Expression | null;
  readonly keyValue: Expression | null;
  readonly scrub: Expression | null;
  /** `resolver.maps` of `subtype: all`. */
  readonly resolver: Expression | null;
}

export interface InterruptPlan extends ActivityCommon {
  readonly type: "interrupt";
  /** Null: the activity interrupts its own job. */
  readonly target: Expression | null;
  readonly topic: Expression | null;
  readonly output: Expression | null;
  readonly reason: Expression | null;
  readonly code: Expression | null;
  readonly throws: Expression | null;
  readonly stack: Expression | null;
  readonly descend: Expression | null;
}

export interface CyclePlan extends ActivityCommon {
  readonly type: "cycle";
  readonly ancestor: ActivityId;
  readonly input: Expression | null;
}

/**
 * A function that a worker runs, and whose steps are known only while it runs. No document can name this type: see
 * `codePlan`.
 */
export interface CodePlan extends ActivityCommon {
  readonly type: "code";
  /** Gives which function, where and with which arguments: the common part of `RunPayload` and `HookPayload`. */
  readonly payload: Expression;
}

/** A transition. */
export interface Edge {
  readonly to: ActivityId;
  readonly when: Conditions;
}

/** `always` = no conditions: fires for every outcome, errors and interim answers included. */
export type Conditions =
  | { readonly on: "always" }
  | { readonly on: "never" }
  | {
      readonly on: "code";
      /** Compared as text; `200` when the document gives none. */
      readonly codes: readonly string[];
      readonly gate: "and" | "or";
      /** Null: no match list, the code decides alone. */
      readonly match: readonly Match[] | null;
    };

export interface Match {
  /** Literal, compared strictly; absent matches an undefined `actual`. */
  readonly expected?: Json;
  readonly actual: Expression;
}

/** One rule under `hooks`. The activity `to` waits for signals on `topic`. */
export interface HookRule {
  readonly topic: Topic;
  readonly to: ActivityId;
  readonly gate: "and" | "or";
  readonly match: readonly { readonly expected: Expression; readonly actual: Expression }[];
  /** A signal is for the wait that was opened last, and for no other. Absent: for all that match. */
  readonly wakes?: "newest";
}

/** One leaf of `job.maps`. */
export type JobWrite =
  | { readonly kind: "leaf"; readonly path: readonly string[]; readonly value: Expression }
  /** `name[25]`: slots `name.0 … name.24`. */
  | { readonly kind: "slots"; readonly name: string; readonly count: number; readonly value: Expression }
  /** `name[_]` and `name[-]`: the value's keys that begin with the mark are stored by themselves. */
  | { readonly kind: "marks"; readonly mark: "_" | "-"; readonly value: Expression };
