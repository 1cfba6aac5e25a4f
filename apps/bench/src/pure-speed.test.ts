import { compileText } from "@hotmesh/core/compiler";
import { expect, test } from "vitest";
import { compileSpeed } from "./compile-speed.js";
import { decideSpeed } from "./decide-speed.js";
import { generatedDocument } from "./generated-graph.js";

test.each([2, 3, 4, 5, 42])("a generated graph of %i activities compiles and has so many", (activities) => {
  const [graph] = compileText(generatedDocument(activities)).plan.graphs;

  expect(graph?.activities).toHaveLength(activities);
});

test("compiling has a time and a size", () => {
  const speed = compileSpeed({ activities: 20, runs: 3 });

  expect(speed).toMatchObject({ activities: 20, documentBytes: generatedDocument(20).length });
  const { first, warm, keptMb } = speed;
  expect(Math.min(first.processorMs, first.wallMs, warm.processorMs, warm.wallMs, keptMb)).toBeGreaterThan(0);
});

test("decisions are counted by the second", () => {
  const speeds = decideSpeed({ seconds: 0.01 });

  expect(speeds.map(({ decision }) => decision)).toEqual(["start", "answer", "start + answer"]);
  for (const { perSecond, microseconds } of speeds) expect(perSecond * microseconds).toBeCloseTo(1_000_000, 0);
});
