import type { Json, JsonObject } from "../json.js";

/** A literal, a text `{reference}`, or `{ '@pipe': [...] }`. */
export type Value = Json;
/** A tree whose leaves are values. */
export type Maps = Json;

/** What a user writes: a whole document. Unknown keys are allowed everywhere and ignored. */
export interface AppDocument {
  readonly app: {
    readonly id: string;
    readonly version: string | number;
    readonly settings?: Json;
    readonly graphs: readonly GraphDocument[];
  };
}

/** One graph. */
export interface GraphDocument {
  /** The topic that starts a job. */
  readonly subscribes: string;
  readonly publishes?: string;
  readonly expire?: Value;
  readonly persistent?: Value;
  readonly input?: { readonly schema?: JsonObject | boolean; readonly validate?: boolean };
  readonly output?: { readonly schema?: JsonObject | boolean };
  readonly activities: Readonly<Record<string, ActivityDocument>>;
  readonly transitions?: Readonly<Record<string, readonly EdgeDocument[]>>;
  readonly hooks?: Readonly<Record<string, readonly HookRuleDocument[]>>;
}

/** A transition from one activity to another. */
export interface EdgeDocument {
  readonly to: string;
  readonly conditions?: ConditionsDocument | boolean;
}

/** When a transition is taken: for these codes, and when the matches hold. */
export interface ConditionsDocument {
  readonly code?: number | string | readonly (number | string)[];
  readonly gate?: "and" | "or";
  readonly match?: readonly { readonly expected?: Json; readonly actual?: Value }[];
}

/** Which waits a signal of a topic is for. */
export interface HookRuleDocument {
  readonly to: string;
  readonly conditions?: {
    readonly gate?: "and" | "or";
    readonly match?: readonly { readonly expected?: Value; readonly actual?: Value }[];
  };
}

/** Names of activity types; `activity` is another spelling of `hook`. */
export const activityTypes = ["trigger", "worker", "await", "hook", "signal", "interrupt", "cycle"] as const;
/** One of the names of activity types. */
export type ActivityType = (typeof activityTypes)[number];

interface MapsBlock {
  readonly maps?: Maps;
}

interface ActivityFields {
  readonly title?: string;
  readonly description?: string;
  readonly join?: "all" | "any";
  readonly job?: MapsBlock;
  readonly output?: MapsBlock;
  readonly emit?: Value;
  readonly persist?: Value;
  readonly statusThreshold?: Value;
  readonly telemetry?: Maps;
}

/** The activity that begins a job. */
export interface TriggerDocument extends ActivityFields {
  readonly type: "trigger";
  readonly entity?: Value;
  readonly stats?: {
    readonly id?: Value;
    readonly key?: Value;
    readonly granularity?: Granularity;
    readonly measures?: readonly { readonly measure: Measure; readonly target?: Value }[];
  };
}

export const granularities = ["5m", "10m", "15m", "30m", "1h", "infinity"] as const;
export type Granularity = (typeof granularities)[number];
export const measures = ["count", "sum", "avg", "mdn", "index", "max", "min"] as const;
export type Measure = (typeof measures)[number];

/** An activity that workers do. */
export interface WorkerDocument extends ActivityFields {
  readonly type: "worker";
  readonly topic?: Value;
  readonly subtype?: Value;
  readonly input?: MapsBlock;
  /** How many times exactly this code is tried again at once. */
  readonly retry?: Readonly<Record<string, readonly number[]>>;
  readonly cycle?: boolean;
}

/** An activity that is a job of another graph. */
export interface AwaitDocument extends ActivityFields {
  readonly type: "await";
  readonly topic?: Value;
  readonly subtype?: Value;
  readonly input?: MapsBlock;
  readonly await?: Value;
  readonly cycle?: boolean;
}

/** An activity that waits for a signal or for time to pass, or just passes data on. */
export interface HookDocument extends ActivityFields {
  readonly type: "hook" | "activity";
  /** Schema of the expected signal; documentation. */
  readonly hook?: JsonObject;
  readonly sleep?: Value;
  readonly escalation?: Maps;
  readonly cycle?: boolean;
}

/** An activity that sends a signal. */
export interface SignalDocument extends ActivityFields {
  readonly type: "signal";
  readonly subtype?: "one" | "all";
  readonly topic?: Value;
  readonly signal?: MapsBlock;
  readonly resolver?: MapsBlock;
  readonly key_name?: Value;
  readonly key_value?: Value;
  readonly scrub?: Value;
  readonly status?: Value;
  readonly code?: Value;
}

/** An activity that ends a job. */
export interface InterruptDocument extends ActivityFields {
  readonly type: "interrupt";
  readonly target?: Value;
  readonly topic?: Value;
  readonly reason?: Value;
  readonly code?: Value;
  readonly throw?: Value;
  readonly stack?: Value;
  readonly descend?: Value;
}

/** An activity that begins a new round of an earlier one. */
export interface CycleDocument extends ActivityFields {
  readonly type: "cycle";
  readonly ancestor: string;
  readonly input?: MapsBlock;
}

/** One activity of a graph, told apart by `type`. */
export type ActivityDocument =
  | TriggerDocument
  | WorkerDocument
  | AwaitDocument
  | HookDocument
  | SignalDocument
  | InterruptDocument
  | CycleDocument;
