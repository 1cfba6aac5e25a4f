import { after, instant } from "@hotmesh/core";
import { expect, test } from "vitest";
import { Duress } from "./duress.js";

const now = instant(1_800_000_000_000);

/** Notes ten messages, which is one evaluation; what the engine thinks of its load then. */
function tenOf(duress: Duress, ms: number, type = "response") {
  for (let count = 0; count < 10; count += 1) duress.note(type, ms);
  return duress.report;
}

test("before ten messages were handled an engine is healthy", () => {
  const duress = new Duress();
  for (let count = 0; count < 9; count += 1) duress.note("response", 60_000);

  expect(duress.report).toEqual({ level: "healthy", scoreMs: 0, floorMs: 0 });
});

test.each([
  [199, "healthy", 0],
  [200, "mild", 100],
  [600, "mild", 300],
  [1_000, "moderate", 500],
  [3_000, "moderate", 1_250],
  [5_000, "severe", 2_000],
  [7_500, "severe", 3_500],
  [60_000, "severe", 5_000],
])("messages of %i ms are %s, and the floor is %i ms", (ms, level, floorMs) => {
  expect(tenOf(new Duress(), ms)).toEqual({ level, scoreMs: ms, floorMs });
});

test("the latest message weighs 0.3 in the average of its type, and the largest average decides", () => {
  const duress = new Duress({ evaluateEvery: 1 });
  duress.note("await", 100);
  duress.note("response", 1_000);
  duress.note("response", 2_000);

  expect(duress.averages).toEqual({ await: 100, response: 1_300 });
  expect(duress.report).toMatchObject({ level: "moderate", scoreMs: 1_300 });
});

test("the level goes up at once, and down after three better evaluations", () => {
  const duress = new Duress({ alpha: 1 });
  const levels = [6_000, 10, 10, 10].map((ms) => tenOf(duress, ms).level);

  expect(levels).toEqual(["severe", "severe", "severe", "healthy"]);
});

test("a worse evaluation in between begins the count anew", () => {
  const duress = new Duress({ alpha: 1 });
  const levels = [600, 10, 10, 600, 10, 10, 10].map((ms) => tenOf(duress, ms).level);

  expect(levels).toEqual(["mild", "mild", "mild", "mild", "mild", "mild", "healthy"]);
});

test("a level that is kept has the least floor of it", () => {
  const duress = new Duress({ alpha: 1 });
  tenOf(duress, 3_000);

  expect(tenOf(duress, 10)).toEqual({ level: "moderate", scoreMs: 10, floorMs: 500 });
});

test("a type that is not met any more is forgotten, so that it does not hold an engine back for ever", () => {
  const duress = new Duress();
  tenOf(duress, 6_000, "await");

  const levels = Array.from({ length: 6 }, () => tenOf(duress, 1).level);

  expect(levels.at(-1)).toBe("healthy");
  expect(duress.averages).toEqual({ response: 1 });
});

test("a change is announced once, and the next one not before 5 s have passed", () => {
  const duress = new Duress({ alpha: 1 });
  expect(duress.announcement(now)).toBeNull();

  tenOf(duress, 600);
  expect(duress.announcement(now)).toEqual({ level: "mild", scoreMs: 600, floorMs: 300 });
  expect(duress.announcement(after(now, 60_000))).toBeNull();
  tenOf(duress, 6_000);
  expect(duress.announcement(after(now, 4_999))).toBeNull();
  expect(duress.announcement(after(now, 5_000))).toMatchObject({ level: "severe" });
});

test("limits come from the options", () => {
  const limits = { alpha: 1, healthyCeilingMs: 1, mildCeilingMs: 2, moderateCeilingMs: 3, hysteresis: 1 };
  const duress = new Duress(limits);

  expect([1, 2, 3, 0].map((ms) => tenOf(duress, ms).level)).toEqual(["mild", "moderate", "severe", "healthy"]);
});
