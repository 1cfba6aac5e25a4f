import { HotMeshError } from "@hotmesh/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { conditionOf, conditionsOf, fieldPath } from "./entity-conditions.js";

const refusal = expect.objectContaining({ kind: "invalid-argument", code: 400 });

test("a value is to be equal to, operators are compared with, and all of them have to hold", () => {
  const conditions = conditionsOf({
    status: "open",
    "lot.kiln": null,
    total: { $gte: 10, $lt: 20 },
    kind: { $in: ["bowl", 3] },
    due: new Date(Date.UTC(2026, 10, 23)),
    size: { width: 3 },
    nothing: undefined,
    other: { $eq: undefined, $ne: false },
  });

  expect(conditions).toEqual([
    { path: ["status"], operator: "=", value: "open" },
    { path: ["lot", "kiln"], operator: "=", value: null },
    { path: ["total"], operator: ">=", value: 10 },
    { path: ["total"], operator: "<", value: 20 },
    { path: ["kind"], operator: "in", value: ["bowl", 3] },
    { path: ["due"], operator: "=", value: "2026-11-23T00:00:00.000Z" },
    { path: ["size"], operator: "=", value: { width: 3 } },
    { path: ["other"], operator: "!=", value: false },
  ]);
});

test("a name is refused unless it is made of SQL identifiers", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.constantFrom("a-b", "a..b", "", "1a", 'a"', "a'; drop table job; --", "a b"),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      if (/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text)) expect(fieldPath(text).join(".")).toBe(text);
      else expect(() => fieldPath(text)).toThrow(refusal);
    }),
  );
  expect(() => fieldPath(7)).toThrow(HotMeshError);
});

test.each<[string, () => unknown]>([
  ["conditions that are a list", () => conditionsOf([] as never)],
  ["an unknown operator", () => conditionsOf({ total: { $near: 3 } })],
  ["an operator beside a plain member", () => conditionsOf({ total: { $gt: 3, least: 1 } })],
  ["a list operator without a list", () => conditionsOf({ total: { $in: "abc" } })],
  ["an order among booleans", () => conditionsOf({ total: { $gt: true } })],
  ["a value that is a function", () => conditionsOf({ total: () => 1 })],
  ["a pattern that is no text", () => conditionOf({ field: "a", operator: "like", value: 3 })],
  ["a pattern that ends with half an escape", () => conditionOf({ field: "a", operator: "like", value: "a\\\\\\" })],
])("%s is refused", (_, refused) => {
  expect(refused).toThrow(refusal);
});

test("a pattern may end with a whole escape", () => {
  const condition = { field: "a", operator: "like", value: "a\\\\" } as const;

  expect(conditionOf(condition)).toEqual({ path: ["a"], operator: "like", value: "a\\\\" });
});
