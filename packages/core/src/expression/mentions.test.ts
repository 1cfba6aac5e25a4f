import { expect, test } from "vitest";
import { compileMapping } from "./compile-expression.js";
import { applyKeySuffixes } from "./key-suffixes.js";
import { mentionedRoots } from "./mentions.js";

test("every root that an evaluation can ask for is mentioned", () => {
  const body = [{ "@pipe": [["{four.x}"]] }, ["{@math.add}", "{$job.data.n}"]];
  const mapping = {
    a: "{one.x}",
    b: ["{two}", "{@date.now}"],
    c: { "@pipe": [["{three}", ["{no}"]], { "@reduce": body }] },
  };

  expect([...mentionedRoots(compileMapping(mapping))]).toEqual(["one", "two", "three", "four", "$job"]);
});

test("a spread key wins over an equal key, wherever it stands", () => {
  expect(applyKeySuffixes({ "m[-]": { first: 1 }, first: 2 })).toEqual({ first: 1 });
});

test("suffixes are read at the top level only and of the last bracket", () => {
  expect(applyKeySuffixes({ "a[3]": 1, b: { "c[3]": 2 }, "d[1-5]": 3, "e[3]x": 4 })).toEqual({
    a: 1,
    b: { "c[3]": 2 },
    "d[1-5]": 3,
    "e[3]x": 4,
  });
});

test("what is no map has no keys", () => {
  expect(applyKeySuffixes([1])).toEqual([1]);
  expect(applyKeySuffixes(undefined)).toBeUndefined();
});
