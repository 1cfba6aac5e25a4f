import { describe, expect, test } from "vitest";
import { compileConditions } from "./compile-conditions.js";
import { conditionsHold } from "./evaluate-conditions.js";
import type { Environment } from "./expression.js";

const asked: string[] = [];
const environment: Environment = {
  root: (name) => {
    asked.push(name);
    return name;
  },
  now: 0,
  random: () => 0,
};
const holds = (value: unknown, code = 200) => conditionsHold(compileConditions(value), code, environment);

describe("compiling", () => {
  test("absent conditions always hold, a boolean holds as written", () => {
    expect(compileConditions(undefined)).toEqual({ on: "always" });
    expect(compileConditions(true)).toEqual({ on: "always" });
    expect(compileConditions(false)).toEqual({ on: "never" });
  });

  test("codes are text and 200 when there is none", () => {
    expect(compileConditions({})).toEqual({ on: "code", codes: ["200"], gate: "and", match: null });
    expect(compileConditions({ code: [404, "500"], gate: "or", match: [] })).toEqual({
      on: "code",
      codes: ["404", "500"],
      gate: "or",
      match: [],
    });
  });

  test("expected stays as it stands, and absent when it is absent", () => {
    const match = [{ expected: "{a.b}", actual: "{a.b}" }, { actual: 1 }];

    expect(compileConditions({ match })).toMatchObject({
      match: [
        { expected: "{a.b}", actual: { op: "ref", root: "a", path: ["b"] } },
        { actual: { op: "literal", value: 1 } },
      ],
    });
  });
});

describe("holding", () => {
  test("the gate decides, and stops as soon as it can", () => {
    const match = ["x", "y", "z"].map((name) => ({ expected: "y", actual: `{${name}}` }));

    asked.length = 0;
    expect(holds({ match })).toBe(false);
    expect(holds({ match, gate: "or" })).toBe(true);
    expect(asked).toEqual(["x", "x", "y"]);
  });

  test("an empty list holds with and, not with or", () => {
    expect(holds({ match: [] })).toBe(true);
    expect(holds({ match: [], gate: "or" })).toBe(false);
  });

  test("an expected value in a circle matches nothing", () => {
    const circle: unknown[] = [];
    circle.push(circle);

    expect(holds({ match: [{ expected: circle, actual: 1 }] })).toBe(false);
  });

  test("lists and objects never match, null only null", () => {
    expect(holds({ match: [{ expected: [], actual: [] }] })).toBe(false);
    expect(holds({ match: [{ expected: {}, actual: {} }] })).toBe(false);
    expect(holds({ match: [{ expected: null, actual: null }] })).toBe(true);
    expect(holds({ match: [{ expected: null, actual: "{x.y}" }] })).toBe(false);
  });

  test("code zero counts as 200", () => {
    expect(holds({ code: "200" }, 0)).toBe(true);
    expect(holds({ code: 500 }, 0)).toBe(false);
  });
});
