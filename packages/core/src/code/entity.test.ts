import fc from "fast-check";
import { expect, test } from "vitest";
import { HotMeshError } from "../errors.js";
import type { Json, JsonObject } from "../json.js";
import { applyEntity, entityIn, withEntity } from "./entity.js";

const run = (document: JsonObject | null, method: string, ...given: readonly Json[]) =>
  applyEntity(document, method, given);

const kiln = { name: "wood", temp: 900, lit: true, load: ["bowl", "jar"], by: { who: "Ana", shift: { day: 1 } } };

test("an entity that was never set is an empty map, and reading it sets nothing", () => {
  expect(run(null, "get")).toEqual({ document: null, result: {} });
  expect(run(null, "get", "a.b")).toEqual({ document: null, result: undefined });
  expect(run(null, "delete", "a")).toEqual({ document: null, result: {} });
  expect(run(null, "remove", "a", 0)).toEqual({ document: null, result: [] });
});

test("set replaces the document, merge goes into maps at every depth and replaces all else", () => {
  const partial = { temp: 1200, load: ["plate"], by: { shift: { night: 2 } }, name: { full: "wood kiln" } };

  expect(run(kiln, "set", { a: 1 })).toEqual({ document: { a: 1 }, result: { a: 1 } });
  const merged = {
    name: { full: "wood kiln" },
    temp: 1200,
    lit: true,
    load: ["plate"],
    by: { who: "Ana", shift: { day: 1, night: 2 } },
  };
  expect(run(kiln, "merge", partial)).toEqual({ document: merged, result: merged });
  expect(run(null, "merge", { a: 1 })).toEqual({ document: { a: 1 }, result: { a: 1 } });
});

test("get reads by dot path, through maps and lists", () => {
  expect(run(kiln, "get").result).toEqual(kiln);
  expect(run(kiln, "get", "by.shift.day").result).toBe(1);
  expect(run(kiln, "get", "load.1").result).toBe("jar");
  for (const path of ["load.2", "load.-1", "load.length", "name.length", "by.shift.day.x", "toString", "__proto__"]) {
    expect(run(kiln, "get", path)).toEqual({ document: kiln, result: undefined });
  }
});

test("delete takes members and items away and returns the document", () => {
  expect(run(kiln, "delete", "by.shift").result).toEqual({ ...kiln, by: { who: "Ana" } });
  expect(run(kiln, "delete", "load.0").result).toEqual({ ...kiln, load: ["jar"] });
  expect(run(kiln, "delete", "by.none.day").document).toEqual(kiln);
  expect(run({ a: [{ b: 1, c: 2 }] }, "delete", "a.0.b").document).toEqual({ a: [{ c: 2 }] });
});

test("append, prepend and remove change lists and return them; a missing list is empty", () => {
  expect(run({ a: [1] }, "append", "a", [2])).toEqual({ document: { a: [1, [2]] }, result: [1, [2]] });
  expect(run({ a: [1] }, "prepend", "a", null)).toEqual({ document: { a: [null, 1] }, result: [null, 1] });
  expect(run(null, "append", "a.b", 1)).toEqual({ document: { a: { b: [1] } }, result: [1] });
  expect(run({ a: [1, 2, 3] }, "remove", "a", 1)).toEqual({ document: { a: [1, 3] }, result: [1, 3] });
  expect(run({ a: [1, 2, 3] }, "remove", "a", -1)).toEqual({ document: { a: [1, 2] }, result: [1, 2] });
  for (const index of [3, -4]) {
    expect(run({ a: [1, 2, 3] }, "remove", "a", index)).toEqual({ document: { a: [1, 2, 3] }, result: [1, 2, 3] });
  }
});

test("increment, toggle and setIfNotExists begin with what a missing value counts as", () => {
  expect(run(null, "increment", "a.n")).toEqual({ document: { a: { n: 1 } }, result: 1 });
  expect(run({ n: 2 }, "increment", "n", -5)).toEqual({ document: { n: -3 }, result: -3 });
  expect(run({ a: [{ n: 1 }] }, "increment", "a.0.n")).toEqual({ document: { a: [{ n: 2 }] }, result: 2 });
  expect(run({}, "toggle", "lit")).toEqual({ document: { lit: true }, result: true });
  expect(run(kiln, "toggle", "lit").result).toBe(false);
  expect(run({}, "setIfNotExists", "a.b", [1])).toEqual({ document: { a: { b: [1] } }, result: [1] });
  expect(run({ a: null }, "setIfNotExists", "a", 1)).toEqual({ document: { a: null }, result: null });
});

test("a path leads to places in lists, and to the one after the last", () => {
  expect(run({ a: [1] }, "setIfNotExists", "a.1", 2).document).toEqual({ a: [1, 2] });
  expect(run({ a: [] }, "setIfNotExists", "a.0.b", 2).document).toEqual({ a: [{ b: 2 }] });
});

test.each<[string, string, readonly Json[]]>([
  ["a method that there is not", "drop", []],
  ["a method of every object", "constructor", []],
  ["set of a list", "set", [[1]]],
  ["set of nothing", "set", []],
  ["merge of null", "merge", [null]],
  ["merge of two", "merge", [{}, {}]],
  ["an empty path", "get", [""]],
  ["a path with an empty part", "get", ["by..who"]],
  ["a path that is no text", "get", [7]],
  ["a path without end", "toggle", ["a.".repeat(1_000).concat("a")]],
  ["a way through a text", "setIfNotExists", ["name.first", 1]],
  ["a way through a number deep down", "toggle", ["by.shift.day.hour"]],
  ["a place far beyond a list", "setIfNotExists", ["load.7", 1]],
  ["a place in a list by name", "setIfNotExists", ["load.last", 1]],
  ["append without a value", "append", ["load"]],
  ["append to a text", "append", ["name", 1]],
  ["prepend to a map", "prepend", ["by", 1]],
  ["remove from a number", "remove", ["temp", 0]],
  ["remove by a fraction", "remove", ["load", 0.5]],
  ["remove by a text", "remove", ["load", "0"]],
  ["increment of a text", "increment", ["name"]],
  ["increment by a text", "increment", ["temp", "1"]],
  ["increment by null", "increment", ["temp", null]],
  ["toggle of a number", "toggle", ["temp"]],
])("entity refuses %s", (_, method, given) => {
  const refused = () => applyEntity(kiln, method, given);

  expect(refused).toThrow(HotMeshError);
  expect(refused).toThrow(expect.objectContaining({ kind: "invalid-argument", code: 400 }));
});

test("increment beyond all numbers is refused", () => {
  expect(() => run({ n: 1.7e308 }, "increment", "n", 1.7e308)).toThrow("more than a number can hold");
});

const name = fc.oneof(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.constantFrom("__proto__", "constructor", "toString", "0", "length"),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie("json")), { maxLength: 3 }).map((entries): Json => Object.fromEntries(entries)),
  ),
}));
const map = fc.array(fc.tuple(name, json), { maxLength: 4 }).map((entries): JsonObject => Object.fromEntries(entries));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const operation = fc.oneof(
  fc.tuple(fc.constantFrom("set", "merge"), fc.tuple(map)),
  fc.tuple(fc.constantFrom("get", "delete", "toggle", "increment"), fc.tuple(path)),
  fc.tuple(fc.constantFrom("append", "prepend", "setIfNotExists"), fc.tuple(path, json)),
  fc.tuple(fc.constant("remove"), fc.tuple(path, fc.integer({ min: -3, max: 3 }))),
);

test("no operation changes what it was given or any prototype, and a stored document comes back the same", () => {
  const prototype = Reflect.ownKeys(Object.prototype).length;
  fc.assert(
    fc.property(map, fc.array(operation, { maxLength: 8 }), (first, operations) => {
      let document: JsonObject | null = first;
      for (const [method, given] of operations) {
        const before = JSON.stringify([document, given]);
        const { document: next } = attempt(document, method, given);
        expect(JSON.stringify([document, given])).toBe(before);
        expect(JSON.stringify(entityIn(withEntity({}, next)))).toBe(JSON.stringify(next));
        document = next;
      }
      expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototype);
    }),
  );
});

function attempt(document: JsonObject | null, method: string, given: readonly Json[]) {
  try {
    return applyEntity(document, method, given);
  } catch (thrown) {
    if (!HotMeshError.is(thrown)) throw thrown;
    return { document };
  }
}

test("what was put at a path is read there, and is gone when it was deleted", () => {
  fc.assert(
    fc.property(map, path, json, (document, at, value) => {
      const bare = attempt(document, "delete", [at]).document;
      // A list closes the gap, so something else may stand there now.
      if (bare === null || run(bare, "get", at).result !== undefined) return;
      let put: JsonObject | null;
      try {
        put = run(bare, "setIfNotExists", at, value).document;
      } catch {
        return;
      }

      expect(run(put, "get", at).result).toEqual(value);
      expect(run(run(put, "delete", at).document, "get", at).result).toBeUndefined();
    }),
  );
});

test("merging a document into itself, or nothing into it, changes nothing", () => {
  fc.assert(
    fc.property(map, (document) => {
      expect(run(document, "merge", document).result).toEqual(document);
      expect(run(document, "merge", {}).result).toEqual(document);
      expect(run({}, "merge", document).result).toEqual(document);
    }),
  );
});

test("after a merge every leaf of the partial is in the document", () => {
  fc.assert(
    fc.property(map, map, (document, partial) => {
      const merged = run(document, "merge", partial).document;

      expect(run(merged, "merge", partial).document).toEqual(merged);
      for (const key of Object.keys(document)) {
        if (!Object.hasOwn(partial, key)) expect(merged?.[key]).toEqual(document[key]);
      }
    }),
  );
});

test("a job without a document has none, and one that was not set is not stored", () => {
  expect(entityIn({})).toBeNull();
  for (const text of ["", "no document", "[1]", "null", "7"]) expect(entityIn({ "@": text })).toBeNull();
  expect(withEntity({ _a: "1" }, null)).toEqual({ _a: "1" });
  expect(withEntity({ _a: "1" }, {})).toEqual({ _a: "1", "@": "{}" });
});
