import { expect, test } from "vitest";
import { namedFunctions } from "./worker-config.js";

async function fire() {}
const unnamed = [async () => {}][0] ?? fire;

test("a function is known by its own name", () => {
  expect([...namedFunctions(fire)]).toEqual([["fire", fire]]);
});

test("all functions of a map are known, each by its own name, its key where it has none", () => {
  expect([...namedFunctions({ burn: fire, glaze: unnamed })]).toEqual([
    ["fire", fire],
    ["glaze", unnamed],
  ]);
});

test.each([
  [unnamed, "workflow is a function without a name; give it one, or a key in a map"],
  [{}, "workflow is missing; expected a function, or a map of functions"],
  [undefined, "workflow is missing; expected a function, or a map of functions"],
  [{ fire: 7 }, "workflow.fire is no function"],
])("%j is no workflow", (workflow, message) => {
  expect(() => namedFunctions(workflow as never)).toThrow(expect.objectContaining({ kind: "invalid-config", message }));
});
