import type { Instant } from "../brand.js";
import { HotMeshError } from "../errors.js";
import { identity, payloadScope } from "../interpret/start-event.js";
import type { JsonObject } from "../json.js";
import type { GraphPlan, Plan, TriggerPlan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import type { CounterSpan } from "../ports/records.js";
import { counterName, type Facet, facetOf, facetPrefix, indexPrefix, measurePrefix } from "./counter-field.js";
import { type RangeInput, type TimeRange, timeRange } from "./time-range.js";

/** Which jobs of a graph a question is about. */
export interface StatsInput extends RangeInput {
  /** What `stats.key` reads: jobs whose payload gave the same key are meant. */
  readonly data: JsonObject;
  /** True: no segments. */
  readonly sparse?: boolean | undefined;
}

/** A question as it is understood. */
export interface GetStatsOptions {
  /** Empty: no job of the graph can be counted under such data. */
  readonly key: string;
  /** Length of a slice: `5m`, `10m`, `15m`, `30m`, `1h` or `infinity`. */
  readonly granularity: string;
  /** As it was asked for. */
  readonly range?: string;
  /** As it was asked for, else where the slices begin: `2026-11-22T16:00Z`. */
  readonly start?: string;
  /** As it was asked for, `NOW` too, else where the slices end: `2026-11-22T18:00Z`. */
  readonly end?: string;
  /** True: no segments are wanted. */
  readonly sparse: boolean;
}

/** A question together with where its answer is counted. */
export interface StatsQuery {
  /** How the question is understood. */
  readonly options: GetStatsOptions;
  /** Name of the counters. */
  readonly name: string;
  /** Slices of time, as the counters have them. */
  readonly slices: Pick<TimeRange, "from" | "to">;
  /** Paths of the graph's indexes. */
  readonly indexes: readonly string[];
}

interface Asked {
  readonly input: StatsInput;
  readonly now: Instant;
}

/**
 * A question to the graph of a topic. Throws `topic-not-found` (404), `invalid-argument` (400), and what `stats.key`
 * throws.
 */
export function statsQuery(plan: Plan, topic: string, asked: Asked): StatsQuery {
  const graph = planIndex(plan).graphFor(topic);
  if (graph !== undefined) return queryOf(plan, graph, asked);
  const where = `in app ${plan.app} for app version ${plan.version}`;
  throw new HotMeshError("topic-not-found", `no subscription found for topic ${topic} ${where}`);
}

/** Throws `invalid-argument` (400) for a range that cannot be meant, and whatever the key's expression throws. */
export function queryOf(plan: Plan, graph: GraphPlan, asked: Asked): StatsQuery {
  const { input, now } = asked;
  const trigger = triggerOf(plan, graph);
  const { granularity, measures } = trigger.stats;
  const key = identity(trigger.stats.key, payloadScope(trigger, input.data, now), ["stats", "key"]) ?? "";
  const { from, to, start, end } = timeRange(input, granularity, now);
  return {
    options: {
      key,
      granularity,
      ...(input.range !== undefined && { range: input.range }),
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
      sparse: input.sparse === true,
    },
    name: counterName(graph.topic, key),
    slices: { from, to },
    indexes: measures.flatMap(({ measure, label }) => (measure === "index" ? [label] : [])),
  };
}

/** Where everything is that was counted, lists of indexes excluded. */
export function measuresOf({ name, slices }: StatsQuery): CounterSpan {
  return { name, ...slices, prefix: measurePrefix };
}

/** Where one list of an index is; null: where all of them are. */
export function listOf({ name, slices }: StatsQuery, facet: Facet | null): CounterSpan {
  return { name, ...slices, prefix: facet === null ? indexPrefix : facetPrefix(facet) };
}

/** What `<path>:<value>` means to the graph that is asked about. */
export function facetIn({ indexes }: StatsQuery, text: string): Facet {
  return facetOf(text, indexes);
}

function triggerOf(plan: Plan, graph: GraphPlan): TriggerPlan {
  const trigger = planIndex(plan).activity(graph.trigger);
  if (trigger?.type === "trigger") return trigger;
  throw new Error(`plan ${plan.id}: graph ${graph.topic} has no trigger`);
}
