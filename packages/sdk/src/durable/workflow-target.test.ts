import { expect, test } from "vitest";
import { hookTarget, startTarget } from "./workflow-target.js";

const target = { taskQueue: "kiln", entity: "pot", workflowName: "fire" };

test.each([
  [{ taskQueue: "kiln", workflowName: "fire" }, "kiln", "fire"],
  [target, "kiln", "fire"],
  [{ entity: "pot" }, "pot", "pot"],
  [{ entity: "pot", workflowName: "fire" }, "pot", "pot"],
  [{ taskQueue: "kiln", entity: "pot" }, "kiln", "pot"],
])("a start of %j means a function of a queue", (given, taskQueue, workflowName) => {
  expect(startTarget(given)).toEqual({ taskQueue, workflowName });
});

test("of a hook the entity is the name", () => {
  expect(hookTarget(target)).toEqual({ taskQueue: "kiln", workflowName: "pot" });
  expect(hookTarget({ taskQueue: "kiln", workflowName: "fire" })).toEqual({ taskQueue: "kiln", workflowName: "fire" });
  expect(hookTarget({ entity: "pot" })).toEqual({ taskQueue: "pot", workflowName: "pot" });
});

test.each([
  [{ workflowName: "fire" }, "taskQueue"],
  [{ taskQueue: "kiln" }, "workflowName"],
  [{ taskQueue: "", workflowName: "fire" }, "taskQueue"],
])("%j means none", (given, missing) => {
  const error = { kind: "invalid-argument", message: `${missing} is missing; expected it, or entity in its place` };

  expect(() => startTarget(given)).toThrow(expect.objectContaining(error));
  expect(() => hookTarget(given)).toThrow(expect.objectContaining(error));
});
