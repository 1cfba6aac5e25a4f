import fc from "fast-check";
import { expect, test } from "vitest";
import { HotMeshError } from "../errors.js";
import type { Json } from "../json.js";
import { applySearch, type SearchFields, storedName } from "./search.js";

const run = (fields: SearchFields, method: string, ...given: readonly Json[]) => applySearch(fields, method, given);

const key = fc
  .oneof(fc.string(), fc.constantFrom("__proto__", "constructor", '"-mark"', '"', '""', "glaze"))
  .filter((text) => !['":"', '"@"'].includes(text));
const anyFields = fc.dictionary(fc.string(), fc.string());
const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });

test("set takes a map, or keys and values in turn, and counts the fields that are new", () => {
  const after = { _glaze: "celadon", _bowls: "3" };

  expect(run({ _glaze: "salt" }, "set", { glaze: "celadon", bowls: 3 })).toEqual({ fields: after, result: 1 });
  expect(run({ _glaze: "salt" }, "set", "glaze", "celadon", "bowls", "3")).toEqual({ fields: after, result: 1 });
  expect(run({}, "set", "a", "1", "a", "2")).toEqual({ fields: { _a: "2" }, result: 1 });
  expect(run(after, "set", {})).toEqual({ fields: after, result: 0 });
});

test("values become texts: a text is itself, anything else is its JSON", () => {
  const { fields } = run({}, "set", { a: "", b: 1.5, c: true, d: null, e: [1], f: { g: "h" } });

  expect(fields).toEqual({ _a: "", _b: "1.5", _c: "true", _d: "null", _e: "[1]", _f: '{"g":"h"}' });
});

test("a key in double quotes is the name itself; a lone quote is a key", () => {
  expect(run({}, "set", { '"-lot"': "7", '"': "q", '""': "empty" }).fields).toEqual({
    "-lot": "7",
    '_"': "q",
    "": "empty",
  });
  expect(run({ "-lot": "7", _lot: "8" }, "mget", '"-lot"', "lot", "none")).toMatchObject({ result: ["7", "8", ""] });
});

test("incr counts a missing field as 0 and mult as 1; both store and return the number", () => {
  expect(run({}, "incr", "n", 11)).toEqual({ fields: { _n: "11" }, result: 11 });
  expect(run({ _n: "11" }, "incr", "n", -0.5)).toEqual({ fields: { _n: "10.5" }, result: 10.5 });
  expect(run({}, "mult", "n", 12)).toEqual({ fields: { _n: "12" }, result: 12 });
  expect(run({ _n: "12" }, "mult", "n", -10)).toEqual({ fields: { _n: "-120" }, result: -120 });
  expect(run({ _n: "12" }, "mult", "n", 0)).toEqual({ fields: { _n: "0" }, result: 0 });
  expect(run({ _multer: "3" }, "mult", "multer", 2)).toEqual({ fields: { _multer: "6" }, result: 6 });
});

test.each<[string, string, readonly Json[]]>([
  ["a method that there is not", "wipe", []],
  ["a method of every object", "toString", []],
  ["set of nothing", "set", []],
  ["set of a key without a value", "set", ["a"]],
  ["set of a list", "set", [["a", "1"]]],
  ["set of keys that are no texts", "set", ["a", "1", 2, "3"]],
  ["set of the status", "set", ['":"', "0"]],
  ["set of the entity document", "set", ['"@"', "{}"]],
  ["set of the entity document in a map", "set", [{ '"@"': "{}" }]],
  ["removal of the entity document", "del", ['"@"']],
  ["get of nothing", "get", []],
  ["get of two", "get", ["a", "b"]],
  ["mget of a number", "mget", [1]],
  ["incr of nothing", "incr", []],
  ["incr without a number", "incr", ["n"]],
  ["incr by a text", "incr", ["n", "1"]],
  ["incr of what is no number", "incr", ["word", 1]],
  ["incr of an empty text", "incr", ["blank", 1]],
  ["mult beyond all numbers", "mult", ["big", 1e300]],
])("search refuses %s", (_, method, given) => {
  const fields = { _word: "clay", _blank: "", _big: "1e300" };

  const refused = () => applySearch(fields, method, given);

  expect(refused).toThrow(HotMeshError);
  expect(refused).toThrow(expect.objectContaining({ kind: "invalid-argument", code: 400 }));
});

test("what was set is read, other fields stay, and a key is new once", () => {
  fc.assert(
    fc.property(anyFields, key, fc.string(), (fields, name, value) => {
      const before = structuredClone(fields);
      const isNew = !Object.hasOwn(fields, storedName(name));

      const set = run(fields, "set", name, value);
      const again = run(set.fields, "set", name, value);

      expect(fields).toEqual(before);
      expect(run(set.fields, "get", name).result).toBe(value);
      expect([set.result, again.result]).toEqual([isNew ? 1 : 0, 0]);
      for (const other of Object.keys(fields)) {
        if (other !== storedName(name)) expect(set.fields[other]).toBe(fields[other]);
      }
      expect(Object.getPrototypeOf(set.fields)).toBe(Object.prototype);
    }),
  );
});

test("del takes away what set added, and counts it", () => {
  fc.assert(
    fc.property(anyFields, fc.uniqueArray(key), (fields, names) => {
      const bare = run(fields, "del", ...names).fields;
      const set = run(bare, "set", Object.fromEntries(names.map((name) => [name, "x"])));

      const deleted = run(set.fields, "del", ...names, ...names);

      expect(deleted).toEqual({ fields: bare, result: set.result });
      expect(run(bare, "mget", ...names).result).toEqual(names.map(() => ""));
    }),
  );
});

test("incr and mult compute with what they stored", () => {
  fc.assert(
    fc.property(key, fc.array(fc.tuple(fc.constantFrom("incr", "mult"), number), { maxLength: 6 }), (name, steps) => {
      let fields: SearchFields = run({}, "set", name, 1).fields;
      let expected = 1;
      for (const [method, operand] of steps) {
        const step = run(fields, method, name, operand);
        expected = method === "incr" ? expected + operand : expected * operand;
        expect(step.result).toBe(expected + 0);
        expect(Number(run(step.fields, "get", name).result)).toBe(step.result);
        fields = step.fields;
      }
    }),
  );
});
