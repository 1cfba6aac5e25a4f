import { expect, test } from "vitest";
import { didYouMean, editDistance, nearestName } from "./nearest-name.js";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["tre", "tree", 1],
  ["sorted", "sort", 2],
  ["wroker", "worker", 1],
  ["kitten", "sitting", 3],
])("from %j to %j it takes %d letters", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});

test("the nearest known name is found when it is close", () => {
  expect(nearestName("tre", ["pick", "tree", "three"])).toBe("tree");
  expect(nearestName("math.ad", ["math.abs", "math.add"])).toBe("math.add");
  expect(nearestName("Sort", ["sorts", "sort"])).toBe("sort");
});

test("names that have little in common are not near", () => {
  expect(nearestName("b", ["c"])).toBeNull();
  expect(nearestName("pick", ["sort", "weigh"])).toBeNull();
  expect(didYouMean("pick", ["sort"])).toBe("");
});
