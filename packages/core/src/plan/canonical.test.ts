import { expect, test } from "vitest";
import { canonicalJson } from "./canonical.js";

test("the order of keys does not matter, the order of items does", () => {
  expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
  expect(canonicalJson({ a: [{ c: 2, d: 1 }], b: 1 })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test("members that are undefined are left out, null is kept", () => {
  expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
});

test("scalars are written as JSON writes them", () => {
  expect(canonicalJson(["é\n", 1.5, -0, true, null])).toBe('["é\\n",1.5,0,true,null]');
});

test("__proto__ is an ordinary key", () => {
  expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
});
