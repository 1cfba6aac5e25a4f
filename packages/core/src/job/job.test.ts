import { describe, expect, test } from "vitest";
import { address, generationId, instant, pathText } from "../brand.js";
import { type Json, jsonObjectOf, jsonOf } from "../json.js";
import { withLeaf } from "./document.js";
import { parseSeconds } from "./duration.js";
import { isExotic, plain, plainValue, revived, storedOf, storedOutputOf, wrapped } from "./exotic.js";
import { failureOf } from "./failure.js";
import { childJobId, keyAfter, keyOf } from "./keys.js";
import { ancestorOf, ancestorsOf, lineageBelow, lineageOf } from "./lineage.js";
import { baseOf, childAddress, depthOf, isWithin, parsePath, pathOf, prefixOf, rootAddress } from "./path.js";
import { timeSlice, timeText } from "./time-text.js";

describe("paths", () => {
  test("a path is its activity and its address, and back", () => {
    expect(pathOf("cut", address(",0,2,0"))).toBe("cut,0,2,0");
    expect(parsePath(pathText("cut,0,2,0"))).toEqual({ activity: "cut", address: ",0,2,0" });
  });

  test("a child's address extends its base by its number", () => {
    expect(childAddress(rootAddress, 12)).toBe(",0,12");
    expect(baseOf(address(",0,12"))).toBe(",0");
    expect(baseOf(rootAddress)).toBeNull();
  });

  test("a prefix has as many levels as asked for, at most all", () => {
    expect([1, 2, 3, 9].map((depth) => prefixOf(address(",0,12,3"), depth))).toEqual([
      ",0",
      ",0,12",
      ",0,12,3",
      ",0,12,3",
    ]);
    expect(depthOf(address(",0,12,3"))).toBe(3);
  });

  test("an address lies within itself and what extends it, not within what begins alike", () => {
    expect(isWithin(address(",0,1,0"), address(",0,1"))).toBe(true);
    expect(isWithin(address(",0,1"), address(",0,1"))).toBe(true);
    expect(isWithin(address(",0,12"), address(",0,1"))).toBe(false);
  });
});

describe("lineage", () => {
  const position = { activity: "cut", address: address(",0,2,0"), via: ["blank", "spin"] };

  test("an ancestor's address is the prefix at its level", () => {
    expect(ancestorOf(position, "spin")).toEqual({ activity: "spin", address: ",0,2" });
    expect(ancestorOf(position, "polish")).toBeNull();
    expect(ancestorsOf(position)).toEqual([
      { activity: "blank", address: ",0" },
      { activity: "spin", address: ",0,2" },
    ]);
  });

  test("a child's lineage ends with its parent, the ancestor's stops above it", () => {
    expect(lineageBelow(position)).toEqual(["blank", "spin", "cut"]);
    expect(lineageOf(position, "spin")).toEqual(["blank"]);
  });

  test("below a join, where levels and positions part, addresses are written out", () => {
    const joined = { activity: "close", address: address(",0,0,0"), via: ["hamper", "bread", "fruit,0,1"] };

    expect(ancestorOf(joined, "fruit")).toEqual({ activity: "fruit", address: ",0,1" });
    expect(ancestorsOf(joined)[2]).toEqual({ activity: "fruit", address: ",0,1" });
    expect(lineageBelow(joined)).toEqual(["hamper", "bread", "fruit,0,1", "close,0,0,0"]);
  });
});

describe("keys", () => {
  const generation = generationId("G1");
  const path = pathText("cut,0");

  test("keys are derived: the same purpose gives the same key, anything else another one", () => {
    const key = keyOf({ generation, path }, "work");

    expect(key).toBe(keyOf({ generation, path }, "work"));
    expect(key).toMatch(/^H[\w-]{22}$/);
    const others = [
      keyOf({ generation, path }, "work", 1),
      keyOf({ generation, path }, "wake"),
      keyAfter(key, "answer"),
    ];
    expect(new Set([key, ...others, childJobId(generation, path)]).size).toBe(5);
  });
});

describe("durations", () => {
  test("a number or text without a unit is seconds", () => {
    expect([0, 30, "30", " 1.5 "].map(parseSeconds)).toEqual([0, 30, 30, 1.5]);
  });

  test("units are written short or spelled out", () => {
    expect(["30s", "2m", "2 minutes", "1.5h", "1 day", "500ms", "1w"].map(parseSeconds)).toEqual([
      30, 120, 120, 5_400, 86_400, 0.5, 604_800,
    ]);
  });

  test("anything else is no duration", () => {
    expect([-1, Number.NaN, "", "soon", "5 parsecs", null, {}].map(parseSeconds)).toEqual(Array(7).fill(undefined));
  });
});

describe("documents", () => {
  test("a leaf keeps what stands beside it and makes a map of a parent that is none", () => {
    expect(withLeaf({ a: { b: 1 }, c: 2 }, ["a", "d"], 3)).toEqual({ a: { b: 1, d: 3 }, c: 2 });
    expect(withLeaf({ a: [1] }, ["a", "b"], 2)).toEqual({ a: { b: 2 } });
    expect(withLeaf(null, ["a"], null)).toEqual({ a: null });
  });

  test("the key __proto__ is a key like any other", () => {
    const document = withLeaf(null, ["__proto__", "polluted"], true);

    expect(Object.hasOwn(document, "__proto__")).toBe(true);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("what JSON cannot carry becomes what the reference says", () => {
    const at = new Date(0);

    expect(jsonOf({ a: undefined, b: Number.NaN, c: at, d: [undefined, 1], e: null })).toEqual({
      b: null,
      c: "1970-01-01T00:00:00.000Z",
      d: [null, 1],
      e: null,
    });
    expect(jsonOf(new Date(Number.NaN))).toBeNull();
    expect(jsonOf(Symbol.iterator)).toBeUndefined();
    expect(jsonObjectOf("text")).toEqual({});
  });
});

describe("values that JSON cannot carry", () => {
  test("a Date and numbers that are not finite come back as what they were", () => {
    const at = new Date(1_000);
    const values = [at, Number.NaN, Number.POSITIVE_INFINITY, "text", null, { $hotmesh: "date", v: 1 }];

    expect(values.map((value) => revived(storedOf(value) ?? null))).toEqual(values);
    expect(isExotic(storedOf(at))).toBe(true);
    expect(isExotic({ a: [1, { b: "x" }] })).toBe(false);
  });

  test("data that has the tag is what it was, however deep it is and whatever is beside it", () => {
    const date = { $hotmesh: "date", v: 0 };
    const map = { $hotmesh: "map", v: { $hotmesh: "codec", v: "x" } };
    const values: Json[] = [
      { a: { b: date } },
      [date, map],
      { list: [[map], { $hotmesh: [] }] },
      { ...map, date },
      "a",
    ];

    for (const value of values) {
      expect(revived(storedOf(value) ?? null)).toEqual(value);
      expect(revived(wrapped(value))).toEqual(value);
      expect(plainValue(wrapped(value))).toEqual(value);
      expect(revived(storedOutputOf({ value, $hotmesh: "date" }) ?? null)).toEqual({ value, $hotmesh: "date" });
    }
    const plainData = { a: [1, { b: null }] };
    expect(wrapped(plainData)).toBe(plainData);
  });

  test("a leaf below a Date makes a map of it, and one below a wrapped map is a leaf of that map", () => {
    const at = storedOf(new Date(0)) ?? null;
    const own = { $hotmesh: "date", v: 0 };

    expect(withLeaf({ at }, ["at", "n"], 1)).toEqual({ at: { n: 1 } });
    const data = withLeaf({ own: wrapped(own) }, ["own", "n"], at);
    expect(plain(data)).toEqual({ own: { ...own, n: "1970-01-01T00:00:00.000Z" } });
    expect(plain(withLeaf(data, ["own", "$hotmesh"], "map"))).toMatchObject({ own: { $hotmesh: "map", v: 0 } });
  });

  test("callers see a Date as ISO text, and no number as null", () => {
    const stored = storedOutputOf({ at: new Date(0), n: Number.NaN, own: { $hotmesh: 1 }, list: [new Date(0)] });

    expect(plain(jsonObjectOf(stored))).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      n: null,
      own: { $hotmesh: 1 },
      list: ["1970-01-01T00:00:00.000Z"],
    });
  });
});

describe("times", () => {
  const at = instant(Date.UTC(2026, 10, 22, 10, 17, 9, 221));

  test("times are digits, UTC", () => {
    expect(timeText(at)).toBe("20261122101709.221");
  });

  test("times are those of the ISO text, before 1970 and on every day in turn", () => {
    const iso = (ms: number): string => new Date(ms).toISOString().replace(/[-:TZ]/g, "");
    const instants = [
      0, -1, 86_399_999, 86_400_000, -86_400_000, 951_868_799_999, 253_402_300_800_000, -62_198_755_200_000,
    ];

    expect(instants.map((ms) => timeText(instant(ms)))).toEqual(instants.map(iso));
    expect(() => timeText(instant(Number.NaN))).toThrow(RangeError);
  });

  test("a slice is cut to its granularity; infinity has none", () => {
    expect(["5m", "15m", "1h", "infinity", "odd"].map((granularity) => timeSlice(at, granularity))).toEqual([
      "202611221015",
      "202611221015",
      "202611221000",
      "0",
      "202611221015",
    ]);
  });
});

describe("failures", () => {
  test("a thrown error keeps its message, its numeric code and its stack; anything else is its text", () => {
    expect(failureOf(Object.assign(new Error("no"), { code: 418, stack: "s" }))).toEqual({
      message: "no",
      code: 418,
      stack: "s",
    });
    expect(failureOf("plain")).toEqual({ message: "plain", code: 500 });
  });
});
