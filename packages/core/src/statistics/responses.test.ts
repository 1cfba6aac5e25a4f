import { describe, expect, test } from "vitest";
import { instant, jobId } from "../brand.js";
import type { JsonObject } from "../json.js";
import { planOf } from "../testing/builders.js";
import { PureCounters } from "../testing/pure-counters.js";
import { type CounterField, counterName, fieldText } from "./counter-field.js";
import { idsResponse } from "./ids-response.js";
import { facetIn, listOf, measuresOf, type StatsInput, type StatsQuery, statsQuery } from "./query.js";
import { readCounters } from "./read-counters.js";
import { statsResponse } from "./stats-response.js";

const now = instant(Date.parse("2026-11-22T16:07:30Z"));
const plan = planOf(`
    - subscribes: tea.pick
      activities:
        pick:
          type: trigger
          stats:
            key: '{$self.input.data.garden}'
            granularity: 1h
            measures: [ { measure: index, target: '{$self.input.data.leaf}' } ]
    - subscribes: tea.ever
      activities:
        ever: { type: trigger, stats: { key: all, granularity: infinity } }
    - subscribes: tea.plain
      activities:
        plain: { type: trigger }
`);
const lastHour = { range: "2h", end: "NOW" };

const asked = (data: JsonObject, more: Omit<StatsInput, "data"> = lastHour, topic = "tea.pick"): StatsQuery =>
  statsQuery(plan, topic, { input: { data, ...more }, now });

function counted(rows: readonly (readonly [slice: string, field: CounterField, value: number])[]): PureCounters {
  const counters = new PureCounters();
  const name = counterName("tea.pick", "north");
  for (const [slice, field, add] of rows) counters.count({ name, slice, field: fieldText(field), add });
  return counters;
}

const index = (label: string, value: string, job: string): CounterField => ({
  kind: "index",
  label,
  value,
  job: jobId(job),
  rank: 0,
});

const paged = (counters: PureCounters) => ({
  readCounters: async (range: Parameters<PureCounters["page"]>[0]) => counters.page(range),
});

describe("a question", () => {
  test("has the key that its data gives, the granularity of the graph and the time that is meant", () => {
    expect(asked({ garden: "north" }).options).toEqual({
      key: "north",
      granularity: "1h",
      range: "2h",
      start: "2026-11-22T14:07Z",
      end: "NOW",
      sparse: false,
    });
  });

  test("where there are no slices needs no time", () => {
    expect(asked({}, { sparse: true }, "tea.ever").options).toEqual({
      key: "all",
      granularity: "infinity",
      sparse: true,
    });
  });

  test("under which nothing can be counted has an empty key", () => {
    expect([asked({}), asked({}, lastHour, "tea.plain")].map(({ options }) => options.key)).toEqual(["", ""]);
  });

  test("to a graph that is not there is refused", () => {
    expect(() => asked({}, lastHour, "tea.brew")).toThrow(
      expect.objectContaining({
        kind: "topic-not-found",
        message: "no subscription found for topic tea.brew in app shop for app version 1",
      }),
    );
  });
});

describe("what was counted", () => {
  const counters = counted([
    ["202611221400", { kind: "total" }, 2],
    ["202611221400", { kind: "count", label: "leaf", value: "oolong:fine" }, 2],
    ["202611221400", { kind: "sum", label: "grams" }, 30],
    ["202611221400", { kind: "avg", label: "grams" }, 30],
    ["202611221400", { kind: "values", label: "grams" }, 2],
    ["202611221400", { kind: "mdn", label: "grams", number: 10 }, 1],
    ["202611221400", { kind: "mdn", label: "grams", number: 20 }, 1],
    ["202611221400", index("leaf", "oolong", "T1"), 1],
    ["202611221600", { kind: "total" }, 1],
    ["202611221600", { kind: "count", label: "leaf", value: "assam" }, 1],
    ["202611221600", { kind: "sum", label: "grams" }, 3],
    ["202611221600", { kind: "avg", label: "grams" }, 3],
    ["202611221600", { kind: "values", label: "grams" }, 1],
    ["202611221600", { kind: "mdn", label: "grams", number: 3 }, 1],
    ["202611221300", { kind: "total" }, 7],
  ]);
  const query = asked({ garden: "north" });

  test("is told as a whole and slice by slice, with true sums, means and medians", async () => {
    const records = await readCounters(paged(counters), measuresOf(query), 2);

    expect(statsResponse(query, records)).toEqual({
      key: "north",
      granularity: "1h",
      range: "2h",
      end: "NOW",
      count: 3,
      measures: [
        { target: "leaf:assam", type: "count", value: 1 },
        { target: "leaf:oolong:fine", type: "count", value: 2 },
        { target: "grams", type: "sum", value: 33 },
        { target: "grams", type: "avg", value: 11 },
        { target: "grams", type: "mdn", value: 10 },
      ],
      segments: [
        {
          time: "2026-11-22T14:00Z",
          count: 2,
          measures: [
            { target: "leaf:oolong:fine", type: "count", value: 2 },
            { target: "grams", type: "sum", value: 30 },
            { target: "grams", type: "avg", value: 15 },
            { target: "grams", type: "mdn", value: 15 },
          ],
        },
        {
          time: "2026-11-22T16:00Z",
          count: 1,
          measures: [
            { target: "leaf:assam", type: "count", value: 1 },
            { target: "grams", type: "sum", value: 3 },
            { target: "grams", type: "avg", value: 3 },
            { target: "grams", type: "mdn", value: 3 },
          ],
        },
      ],
    });
  });

  test("has no segments when the question is sparse", async () => {
    const sparse = asked({ garden: "north" }, { ...lastHour, sparse: true });
    const response = statsResponse(sparse, await readCounters(paged(counters), measuresOf(sparse)));

    expect(response).toMatchObject({ count: 3 });
    expect(response).not.toHaveProperty("segments");
  });

  test("is nothing where nothing was counted", () => {
    expect(statsResponse(query, [])).toMatchObject({ count: 0, measures: [], segments: [] });
  });
});

describe("the ids of an index", () => {
  const counters = counted([
    ["202611221400", index("leaf", "oolong", "T1"), 1],
    ["202611221400", index("leaf", "oolong", "T2"), 2],
    ["202611221600", index("leaf", "oolong", "T3"), 1],
    ["202611221600", index("leaf", "assam", "T4"), 1],
    ["202611221600", { kind: "total" }, 4],
  ]);
  const query = asked({ garden: "north" });
  const ids = async (facets: readonly string[]) => {
    const spans =
      facets.length === 0 ? [listOf(query, null)] : facets.map((text) => listOf(query, facetIn(query, text)));
    const pages = await Promise.all(spans.map((span) => readCounters(paged(counters), span, 1)));
    return idsResponse(query, facets, pages.flat());
  };

  test("of a list are there slice by slice, each job once", async () => {
    expect(await ids(["leaf:oolong"])).toEqual({
      key: "north",
      facets: ["leaf:oolong"],
      granularity: "1h",
      range: "2h",
      start: "2026-11-22T14:07Z",
      counts: [{ facet: "leaf:oolong", count: 3 }],
      segments: [
        {
          time: "2026-11-22T14:00Z",
          measures: [{ type: "ids", target: "leaf:oolong", time: "2026-11-22T14:00Z", count: 2, ids: ["T1", "T2"] }],
        },
        {
          time: "2026-11-22T16:00Z",
          measures: [{ type: "ids", target: "leaf:oolong", time: "2026-11-22T16:00Z", count: 1, ids: ["T3"] }],
        },
      ],
    });
  });

  test("of no list in particular are those of all, and a list that is not there is empty", async () => {
    expect((await ids([])).counts).toEqual([
      { facet: "leaf:oolong", count: 3 },
      { facet: "leaf:assam", count: 1 },
    ]);
    expect(await ids(["leaf:green"])).toMatchObject({ counts: [{ facet: "leaf:green", count: 0 }], segments: [] });
  });
});
