import { expect, test } from "vitest";
import { compileExpression } from "../expression/compile-expression.js";
import { identity } from "./start-event.js";

const environment = { root: () => undefined, now: 0, random: () => 0 };
const of = (value: unknown) => identity(compileExpression(value), environment);

test("an id of a date is the same text in every zone", () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "Asia/Tokyo";
  const id = of({ "@pipe": [["2024-02-29"], ["{@date.fromISOString}"]] });
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;

  expect(id).toBe("Thu Feb 29 2024 00:00:00 GMT+0000 (Coordinated Universal Time)");
});

test("an id of an object is its text, whatever keys the object has", () => {
  expect(of({ "@pipe": [[{ toString: 1, valueOf: 2 }]] })).toBe("[object Object]");
});

test("undefined, null and blank text give no id", () => {
  expect([of(undefined), of(null), of("")]).toEqual([undefined, undefined, undefined]);
});
