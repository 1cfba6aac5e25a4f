import {
  broadcastMessage,
  type Clock,
  facetIn,
  HotMeshError,
  hookTarget,
  type IdsResponse,
  idsResponse,
  type JsonObject,
  listOf,
  measuresOf,
  messageKey,
  readCounters,
  type StatsQuery,
  type StatsResponse,
  type Store,
  statsQuery,
  statsResponse,
} from "@hotmesh/core";
import { type Engine, mappingError } from "@hotmesh/engine";
import { jsonObject } from "./start-request.js";

/** Which jobs a question is about. */
export interface JobStatsInput {
  /** What the graph's `stats.key` reads. */
  data: object;
  /** `90m`, `2h`, `1d`. With granularities other than `infinity`: two of `range`, `start` and `end`. */
  range?: string;
  /** ISO 8601. */
  start?: string;
  /** ISO 8601, or `NOW`. */
  end?: string;
  /** True: no segments. */
  sparse?: boolean;
  /** `signalAll`: forget the index afterwards. */
  scrub?: boolean;
}

export interface StatisticsPorts {
  readonly engine: Engine<object>;
  readonly store: Pick<Store, "readCounters">;
  readonly clock: Clock;
}

/** A signal for every job of an index. */
export interface SignalAll {
  readonly topic: string;
  readonly data: object;
  readonly query: JobStatsInput;
  /** Lists of the index, `<path>:<value>`; none: all of them. */
  readonly facets: readonly string[];
  readonly newId: () => string;
}

/** A question to a graph of the active version. Throws `topic-not-found` (404) and `invalid-argument` (400). */
export async function askedOf(ports: StatisticsPorts, topic: string, input: JobStatsInput): Promise<StatsQuery> {
  const { engine, clock } = ports;
  const { plan } = await engine.activations.current();
  return questionOf(await engine.plan(plan), topic, { input: checked(topic, input), now: clock.now() });
}

export async function readStats(ports: StatisticsPorts, topic: string, input: JobStatsInput): Promise<StatsResponse> {
  const query = await askedOf(ports, topic, input);
  return statsResponse(query, await readCounters(ports.store, measuresOf(query)));
}

export async function readIds(
  ports: StatisticsPorts,
  topic: string,
  asked: { readonly input: JobStatsInput; readonly facets: readonly string[] },
): Promise<IdsResponse> {
  const query = await askedOf(ports, topic, asked.input);
  const facets = [...new Set(asked.facets)];
  const spans = facets.length === 0 ? [listOf(query, null)] : facets.map((text) => listOf(query, facetIn(query, text)));
  const pages = await Promise.all(spans.map((span) => readCounters(ports.store, span)));
  return idsResponse(query, facets, pages.flat());
}

/** Leaves a signal to every job of an index as work for any engine. The lists that have jobs, each with a key. */
export async function signalAll(ports: StatisticsPorts, signal: SignalAll): Promise<string[]> {
  const { engine, store, clock } = ports;
  const { topic, query: input, facets, newId } = signal;
  const data = jsonObject(signal.data, `the data of signal ${topic}`);
  const active = await engine.activations.current();
  // A topic that the active version has dropped is that of the latest version that had it.
  const ever = (await engine.activations.everActive()).filter((id) => id !== active.plan).reverse();
  const plans = await Promise.all([active.plan, ...ever].map((id) => engine.plan(id)));
  const target = hookTarget(plans, topic);
  if (target === null) throw new HotMeshError("no-hook-rule", `unable to find hook rule for topic ${topic}`);
  const graph = target.graph.topic;
  const query = questionOf(target.plan, graph, { input: checked(graph, input), now: clock.now() });
  const texts = facets.length === 0 ? [null] : [...new Set(facets)];
  const lists = texts.map((text) => ({ text, span: listOf(query, text === null ? null : facetIn(query, text)) }));
  const found = await Promise.all(lists.map(({ span }) => store.readCounters({ ...span, after: null, limit: 1 })));
  const filled = lists.filter((_, position) => found[position]?.length !== 0);
  const common = { topic, data, status: "success" as const, code: 200, plans: plans.map(({ id }) => id) };
  const sent = filled.map(({ span }) => {
    const message = broadcastMessage(messageKey(newId()), { ...common, list: span, scrub: input.scrub === true });
    return engine.submit(message);
  });
  await Promise.all(sent);
  return filled.map(({ text }) => [graph, query.options.key, ...(text === null ? [] : [text])].join(":"));
}

function questionOf(...given: Parameters<typeof statsQuery>): StatsQuery {
  try {
    return statsQuery(...given);
  } catch (thrown) {
    throw mappingError(thrown);
  }
}

function checked(topic: string, input: JobStatsInput): JobStatsInput & { readonly data: JsonObject } {
  const { data, ...query } = jsonObject(input, `the query for topic ${topic}`);
  for (const name of ["range", "start", "end"]) {
    const value = query[name];
    if (value !== undefined && value !== null && typeof value !== "string") {
      throw new HotMeshError("invalid-argument", `Invalid ${name} value. It is ${typeof value}; expected text`);
    }
  }
  const { range, start, end, sparse, scrub } = input;
  return {
    data: jsonObject(data, `the data of the query for topic ${topic}`),
    ...(typeof range === "string" && { range }),
    ...(typeof start === "string" && { start }),
    ...(typeof end === "string" && { end }),
    sparse: sparse === true,
    scrub: scrub === true,
  };
}
