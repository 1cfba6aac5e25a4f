import { describe, expect, test } from "vitest";
import { jobId } from "../brand.js";
import {
  type CounterField,
  counterField,
  counterName,
  facetOf,
  facetPrefix,
  facetText,
  fieldText,
} from "./counter-field.js";

const index = (label: string, value: string, { job = "j", rank = 0 } = {}): CounterField => ({
  kind: "index",
  label,
  value,
  job: jobId(job),
  rank,
});

const fields: readonly CounterField[] = [
  { kind: "total" },
  { kind: "count", label: "a/b", value: 'x:"y"],\u0000\ud800' },
  { kind: "sum", label: "cents" },
  { kind: "avg", label: "cents" },
  { kind: "values", label: "cents" },
  { kind: "mdn", label: "cents", number: -0.5 },
  index("color", "red", { job: "Y:1" }),
  index("color", "", { job: 'Y"]', rank: 2 }),
];

describe("a counter's field", () => {
  test.each(fields)("comes back from its text: $kind", (field) => {
    expect(counterField(fieldText(field))).toEqual(field);
  });

  test("has a text of its own, whatever colons, quotes and brackets it is made of", () => {
    const texts = [
      index("a", "b:c"),
      index("a:b", "c"),
      index("a", "b", { job: "c:j" }),
      index("a", 'b","c'),
      index("a", "b", { rank: 1 }),
      { kind: "count", label: "a", value: "b:c" } as const,
      { kind: "count", label: "a:b", value: "c" } as const,
    ].map(fieldText);

    expect(new Set(texts).size).toBe(texts.length);
  });

  test("holds no character that a storage refuses", () => {
    expect(fieldText({ kind: "count", label: "\u0000", value: "\ud800" })).toBe('m["count","\\u0000","\\ud800"]');
  });

  test.each([
    "",
    "m",
    "mnull",
    "m[]",
    'm["other","a","b"]',
    'm["mdn","a","1"]',
    'i["a","b"]',
    "i[1,2,3]",
    'i["a","b","c","d"]',
  ])("is none in text that nobody here has written: %s", (text) => {
    expect(counterField(text)).toBeNull();
  });

  test("of a long value is short, and another one's is another", () => {
    const [one, other] = ["a", "b"].map((end) => fieldText(index("note", `${"x".repeat(10_000)}${end}`)));

    expect(one?.length).toBeLessThan(300);
    expect(one).not.toBe(other);
    expect(one?.startsWith(facetPrefix({ label: "note", value: `${"x".repeat(10_000)}a` }))).toBe(true);
    expect(counterName("t", "k".repeat(10_000)).length).toBeLessThan(300);
  });
});

describe("the prefix of a list", () => {
  test("begins the fields of that list alone", () => {
    const prefix = facetPrefix({ label: "color", value: "red" });
    const begins = (field: CounterField): boolean => fieldText(field).startsWith(prefix);

    expect([index("color", "red", { job: "Y1" }), index("color", "red", { job: "Y2", rank: 1 })].map(begins)).toEqual([
      true,
      true,
    ]);
    expect(
      [index("color", "redder", { job: "Y1" }), index("color", 'red","Y1', { job: "x" }), index("c", "red")].some(
        begins,
      ),
    ).toBe(false);
  });
});

describe("a facet", () => {
  test("is the path to the first colon and the value after it", () => {
    expect(facetOf("leaf:oolong:fine", ["leaf"])).toEqual({ label: "leaf", value: "oolong:fine" });
    expect(facetOf("twig:oolong", ["leaf"])).toEqual({ label: "twig", value: "oolong" });
    expect(facetText({ label: "leaf", value: "oolong:fine" })).toBe("leaf:oolong:fine");
  });

  test("has colons in its path where the longest known path has them", () => {
    expect(facetOf("a:b:c", ["a", "a:b"])).toEqual({ label: "a:b", value: "c" });
  });

  test("without a value or a colon names the empty value", () => {
    expect([facetOf("leaf:", []), facetOf("leaf", [])]).toEqual([
      { label: "leaf", value: "" },
      { label: "leaf", value: "" },
    ]);
  });
});
